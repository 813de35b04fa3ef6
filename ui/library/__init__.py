"""What the library page shows, as plain data: ``entries`` the list, ``timeline`` and ``issue_map`` the rows of the two charts, ``charts`` how
they are drawn. Nothing here knows Streamlit.
"""
