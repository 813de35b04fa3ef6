"""Two parts of a DOCX that python-docx cannot write: footnotes, and the custom properties that hold the implicit label."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from rag.export.blocks import Note

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VARIANT = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_FMTID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
"""The property set of all custom properties (ECMA-376, part 1, 22.3)."""
_SEPARATORS = (
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
)


def add_footnotes(document: Any, notes: tuple[Note, ...]) -> None:
    """Put ``notes`` into a python-docx document as real footnotes; the text refers to them by their numbers."""
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml

    part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, b"", document.part.package)
    written = []
    for note in notes:
        link = part.relate_to(note.url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True) if note.url else None
        written.append(_footnote(note, link))
    part._blob = _xml(f'<w:footnotes xmlns:w="{W}" xmlns:r="{_R}">{_SEPARATORS}{"".join(written)}</w:footnotes>')
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    declared = f'<w:footnotePr xmlns:w="{W}"><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>'
    settings = document.settings.element
    before = next((child for child in settings if child.tag == f"{{{W}}}compat"), None)
    declaration = parse_xml(declared)
    settings.append(declaration) if before is None else before.addprevious(declaration)


def add_custom_property(document: Any, name: str, value: str) -> None:
    """A text property of the file, as Word shows it under 高级属性 → 自定义."""
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    content = (
        f'<Properties xmlns="{_CUSTOM}" xmlns:vt="{_VARIANT}"><property fmtid="{_FMTID}" pid="2" name={quoteattr(name)}>'
        f"<vt:lpwstr>{escape(value)}</vt:lpwstr></property></Properties>"
    )
    package = document.part.package
    part = Part(PackURI("/docProps/custom.xml"), CONTENT_TYPE.OFC_CUSTOM_PROPERTIES, _xml(content), package)
    package.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_PROPERTIES)


def _footnote(note: Note, link: str | None) -> str:
    url = _hyperlink(note.url or "", link) if link else ""
    said = f" {note.label}：“{note.quote}”（{note.about}；{note.place}）"
    return (
        f'<w:footnote w:id="{note.number}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>'
        '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
        f'<w:r><w:t xml:space="preserve">{escape(said)}</w:t></w:r>{url}</w:p></w:footnote>'
    )


def _hyperlink(url: str, link: str) -> str:
    run = f'<w:r><w:rPr><w:rStyle w:val="Hyperlink"/></w:rPr><w:t>{escape(url)}</w:t></w:r>'
    return f'<w:r><w:t xml:space="preserve"> </w:t></w:r><w:hyperlink r:id="{link}">{run}</w:hyperlink>'


def _xml(content: str) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + content.encode()
