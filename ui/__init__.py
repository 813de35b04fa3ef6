"""The chat: Streamlit pages over ``rag``. ``python -m ui`` starts them; importing this package imports no Streamlit.

``app`` is the frame (``sidebar``, ``pages``, ``visitor``, ``style``), ``pages.chat`` the dialogue: ``chat`` asks and streams, ``reply`` shows a
turn, ``actions`` what can be done with it, ``source`` where a citation stands. ``state`` is what a session remembers, ``kept`` its side of
``keep``, which stays on this machine; ``words`` is what the interface says. ``components`` is the browser's side. ``labels``, ``markup`` and
``document_html`` are plain functions without Streamlit.
"""
