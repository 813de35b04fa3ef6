"""The chat: a Streamlit page over ``rag``. ``python -m ui`` starts it; importing this package imports no Streamlit.

``app`` is the page; ``chat`` asks and streams, ``reply`` shows a turn, ``source`` shows where a citation stands,
``sidebar`` holds the settings; ``state`` is what a session remembers; ``components`` and ``style`` are the browser's side.
``labels``, ``markup``, ``document_html`` and ``feedback`` are plain functions without Streamlit; ``keep`` is what stays on this machine.
"""
