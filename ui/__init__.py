"""The chat: Streamlit pages over ``rag``. ``python -m ui`` starts them; importing this package imports no Streamlit.

``app`` is the frame (``sidebar``, ``screens``, ``visitor``, ``style``), ``screens.chat`` the dialogue: ``chat`` asks and streams, ``reply`` shows a
turn, ``actions`` what can be done with it. ``source`` shows where a citation stands: ``source_data`` (with ``outline``, ``related`` and
``document_html``) makes what ``source_view`` draws. ``own`` puts questions to the corpus, the visitor's own documents, or both. ``state`` is what
a session remembers, ``kept`` its side of ``keep``, which stays on this machine; ``words`` is what the interface says. ``components`` is the
browser's side. ``labels``, ``markup`` and ``document_html`` are plain functions without Streamlit.
"""
