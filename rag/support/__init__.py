from rag.support.old_rules import support
