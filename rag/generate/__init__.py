"""Answers written by a language model, and checked sentence by sentence before anyone reads them.

The flow, one file a step: ``complete`` the follow-up → ``budget`` the passages → ``messages`` (``prompts``, ``keys``) → ``read`` the model
(``chat_models``, ``failure``) → ``sentences`` → ``judge`` (``bare``, ``guards``) → ``repair`` → ``write`` the answer. Nothing here imports a
provider's package unless ``AIGC_LAW_MODEL`` names it.
"""
