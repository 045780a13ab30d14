"""Which definitions of the source reach which others: every name that a function or class mentions, followed."""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).parents[3] / "orchestrator"
OPENING = ("open", "open_json")
RINGS = ("keyring", "_keyring", "ring")


@dataclass(frozen=True)
class Definition:
    """One top-level function or class: what it mentions, and whether it opens what is sealed."""

    mentions: frozenset[str]
    opens: bool


@dataclass
class Source:
    """Every top-level definition of the package by its dotted name."""

    definitions: dict[str, Definition] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path = SOURCE) -> "Source":
        """All modules under ``root``."""
        found = cls()
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root.parent).with_suffix("").parts
            found.add(".".join(part for part in parts if part != "__init__"), path.read_text("utf-8"))
        return found

    def add(self, module: str, text: str) -> None:
        """One more module."""
        tree = ast.parse(text)
        names = dict(_imported(tree))
        names |= {node.name: f"{module}.{node.name}" for node in tree.body if isinstance(node, _DEFINING)}
        names |= {name: f"{module}.{name}" for node in tree.body for name in _assigned(node)}
        for node in tree.body:
            for name in [node.name] if isinstance(node, _DEFINING) else _assigned(node):
                mentions = frozenset(_mentions(node, names)) - {f"{module}.{name}"}
                self.definitions[f"{module}.{name}"] = Definition(mentions, any(map(_opens, ast.walk(node))))

    def reached(self, start: str, beyond: Collection[str] = ()) -> frozenset[str]:
        """Every definition that ``start`` mentions, or that one of those does, itself included; nothing ``beyond``."""
        seen, waiting = {start}, [start]
        while waiting:
            known = self.definitions.get(waiting.pop())
            fresh = set(known.mentions if known else ()) - seen - set(beyond)
            seen |= fresh
            waiting += fresh
        return frozenset(seen)

    def opened(self, start: str, beyond: Collection[str] = ()) -> frozenset[str]:
        """The definitions in reach that open what is sealed."""
        return frozenset(
            name for name in self.reached(start, beyond) if name in self.definitions and self.definitions[name].opens
        )


_DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _assigned(node: ast.stmt) -> list[str]:
    """Names that a module binds to a value: tables of functions reach what they hold."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((one.asname or one.name, f"{node.module}.{one.name}") for one in node.names)
        elif isinstance(node, ast.Import):
            yield from ((one.asname or one.name, one.name) for one in node.names)


def _mentions(node: ast.AST, names: Mapping[str, str]) -> Iterator[str]:
    if isinstance(node, ast.ClassDef):
        yield from (name for part in node.body for name in _mentions(part, names))
        return
    own = set(_bound(node))  # a variable that is called as a function elsewhere is not that function
    for part in ast.walk(node):
        name = part.value if isinstance(part, ast.Attribute) else part
        if not isinstance(name, ast.Name) or name.id not in names or name.id in own:
            continue
        yield f"{names[name.id]}.{part.attr}" if isinstance(part, ast.Attribute) else names[name.id]


def _bound(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        elif isinstance(part, ast.arg):
            yield part.arg


def _opens(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    if not isinstance(called, ast.Attribute) or called.attr not in OPENING:
        return False
    holder = called.value
    return (holder.attr if isinstance(holder, ast.Attribute) else getattr(holder, "id", "")) in RINGS
