"""The chat: a Streamlit page over ``rag``. Importing this package imports no Streamlit; ``python -m ui`` starts the page.

``app`` is the page; ``chat`` asks and streams, ``reply`` shows a turn, ``source`` shows where a citation stands, ``sidebar`` holds the
settings. ``labels``, ``markup``, ``document_html`` and ``feedback`` are plain functions without Streamlit.
"""
