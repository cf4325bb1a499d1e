"""The window on the experiment: a process of its own, which knows only the wire and the session folder.

`link` receives in a thread of its own and fills `model`; a timer of the window looks at the model, and what a person
does goes back through `link`. Only what lies in `panels` and the modules beside `window` import Qt.
"""
