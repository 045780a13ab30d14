"""Make at the carrier what is needed there: plan it, and do it, a thing at a time.

What is ours is what we made or were told to adopt, known by its sid from a table. Everything else is left alone,
whatever its name. Before a thing is made it is written down, so that a run that dies between is finished by the next.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from orchestrator.domain.errors import CarrierError, DispatchUncertainError, UserError
from orchestrator.domain.provisioning import FIXED, Action, Kind, Known, Step, Thing, Value, Wish, Workbench
from orchestrator.log import masked
from orchestrator.persistence import provisions
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record

SKEW = timedelta(seconds=60)  # between the carrier's clock and ours
MISSING = {
    Kind.NUMBER: "The account does not own it: buy it or port it in first.",
    Kind.WORKSPACE: "The account has no such workspace: name another in ORCHESTRATOR_TASKROUTER_WORKSPACE, or none.",
}


@dataclass
class Provisioner:
    """One account's things. ``adopted``: kinds, names and sids of what is not ours and may be changed all the same."""

    store: Store
    bench: Workbench
    account: str
    adopted: Collection[str]
    now: Callable[[], datetime]

    def plan(self, wishes: Sequence[Wish]) -> Iterator[Step]:
        """What would be done; nothing is."""
        return self._each(wishes, lambda step, _: step.sid)

    def carry_out(self, wishes: Sequence[Wish]) -> Iterator[Step]:
        """Do it, each step looked at anew. Raises UserError where the carrier refuses; the next run goes on there."""
        return self._each(wishes, self._do)

    def _each(self, wishes: Sequence[Wish], act: Callable[[Step, Known], str | None]) -> Iterator[Step]:
        known: dict[str, str] = {}
        lost: set[str] = set()
        for wish in wishes:
            step = self._step(wish, known, lost)
            sid = act(step, known)
            known.update({wish.key: sid} if sid else {})
            lost.update({wish.key} if step.action is Action.REFUSE and sid is None else ())
            yield replace(step, sid=sid)

    def _step(self, wish: Wish, known: Known, lost: Collection[str]) -> Step:
        missing = next((key for key in (wish.within, *wish.needs) if key in lost), None)
        if missing is not None:
            return Step(wish=wish, action=Action.REFUSE, why=f"It needs {masked(missing)}, which is not there.")
        if wish.within is not None and wish.within not in known:
            if wish.comes_along:
                return Step(wish=wish, action=Action.LEAVE, why="What is new has it from the beginning.")
            return Step(wish=wish, action=Action.CREATE, changes=_all(wish, known))
        return self._look(wish, known)

    def require_meant(self, plan: Sequence[Step]) -> None:
        """Raise UserError for a word of ``adopted`` that means nothing in the plan: a mistyped one must not pass."""
        meant = {word for step in plan for word in (step.wish.kind.value, step.wish.name, step.wish.key, step.sid)}
        strange = sorted(set(self.adopted) - meant)
        if strange:
            raise UserError(f"--adopt {strange[0]} means nothing in the plan; --dry-run shows kinds, names and sids.")

    def _look(self, wish: Wish, known: Known) -> Step:
        row = self._row(wish)
        thing = self._thing(wish, row, known.get(wish.within or ""))
        if thing is None:
            return self._absent(wish, known)
        return self._present(wish, thing, known)

    def _row(self, wish: Wish) -> Record | None:
        with self.store.read() as tx:
            rows = provisions.every(tx, self.account)
        return next((row for row in rows if (row.kind, row.name) == (wish.kind, wish.name)), None)

    def _thing(self, wish: Wish, row: Record | None, within: str | None) -> Thing | None:
        sid = wish.sid or (row.sid if row is not None else None)
        found = self.bench.fetch(wish.kind, sid, within) if sid is not None else None
        if found is not None or wish.sid is not None:
            return found
        return self.bench.find(wish.kind, wish.name, within)

    def _absent(self, wish: Wish, known: Known) -> Step:
        if not wish.may_make:
            return Step(wish=wish, action=Action.REFUSE, why=MISSING[wish.kind])
        return Step(wish=wish, action=Action.CREATE, changes=_all(wish, known))

    def _present(self, wish: Wish, thing: Thing, known: Known) -> Step:
        changes = _changes(wish, thing, known)
        if changes.keys() & FIXED.get(wish.kind, frozenset()):
            why = "It is there with other settings, which Twilio lets nobody change: give ours another name."
            return Step(wish=wish, action=Action.REFUSE, sid=thing.sid, changes=changes, why=why)
        if self._is_ours(wish, thing):
            action = Action.CHANGE if changes else Action.LEAVE
            return Step(wish=wish, action=action, sid=thing.sid, changes=changes)
        if not changes:
            return Step(wish=wish, action=Action.LEAVE, sid=thing.sid, why="It is not ours, and is as it must be.")
        if self._is_told(wish, thing):
            return Step(wish=wish, action=Action.ADOPT, sid=thing.sid, changes=changes)
        why = f"It is not ours: --adopt {thing.sid} lets us change it."
        return Step(wish=wish, action=Action.REFUSE, sid=thing.sid, changes=changes, why=why)

    def _is_ours(self, wish: Wish, thing: Thing) -> bool:
        """By its sid; by its name only where we had begun to make it, and it came to be since."""
        with self.store.read() as tx:
            rows = provisions.every(tx, self.account)
        return any(row.sid == thing.sid or _was_begun(row, wish, thing) for row in rows)

    def _is_told(self, wish: Wish, thing: Thing) -> bool:
        return bool({wish.kind.value, wish.name, wish.key, thing.sid} & set(self.adopted))

    def _do(self, step: Step, known: Known) -> str | None:
        within = known.get(step.wish.within or "")
        if step.action is Action.REFUSE and step.sid is None:
            return None
        if step.action is Action.CREATE:
            return self._create(step, within)
        if step.action in {Action.ADOPT, Action.CHANGE}:
            self._change(step, within)
        self._remember(step)
        return step.sid

    def _create(self, step: Step, within: str | None) -> str:
        wish, fields = step.wish, {name: value for name, (_, value) in step.changes.items() if value != ""}
        place = (self.account, wish.kind.value, wish.name)
        with self.store.write() as tx:
            provisions.begin(tx, *place, self.now())
        try:
            sid = self.bench.create(wish.kind, wish.name, fields, within)
        except DispatchUncertainError:
            raise UserError(
                f"Twilio gave no clear answer to making {wish.key}; run it again, it goes on there."
            ) from None
        except CarrierError as error:
            with self.store.write() as tx:
                provisions.forget(tx, *place)
            raise _refused(wish, error) from None
        with self.store.write() as tx:
            provisions.made(tx, *place, sid, self.now())
        return sid

    def _change(self, step: Step, within: str | None) -> None:
        fields = {name: value for name, (_, value) in step.changes.items()}
        try:
            self.bench.change(step.wish.kind, step.sid or "", fields, within)
        except CarrierError as error:
            raise _refused(step.wish, error) from None

    def _remember(self, step: Step) -> None:
        """An adoption; or a thing that an earlier run made and died before it could write down its sid."""
        wish, row = step.wish, self._row(step.wish)
        place = (self.account, wish.kind.value, wish.name)
        with self.store.write() as tx:
            if step.action is Action.ADOPT:
                provisions.adopt(tx, *place, step.sid or "", self.now())
            elif row is not None and row.sid is None and step.why:
                provisions.forget(tx, *place)  # what is there was there before we began
            elif row is not None and row.sid is None:
                provisions.made(tx, *place, step.sid or "", self.now())


def _was_begun(row: Record, wish: Wish, thing: Thing) -> bool:
    begun = (row.kind, row.name) == (wish.kind, wish.name) and row.sid is None
    return bool(begun and thing.made_at is not None and thing.made_at >= row.begun_at - SKEW)


def _all(wish: Wish, known: Known) -> dict[str, tuple[object, Value]]:
    return {name: ("", value) for name, value in wish.fields(known).items()}


def _changes(wish: Wish, thing: Thing, known: Known) -> dict[str, tuple[object, Value]]:
    """Where what is there differs; a field that the carrier leaves out is empty."""
    wanted = {name: value for name, value in wish.fields(known).items() if name in thing.fields}
    have = {name: "" if thing.fields[name] is None else thing.fields[name] for name in wanted}
    return {name: (have[name], value) for name, value in wanted.items() if have[name] != value}


def _refused(wish: Wish, error: CarrierError) -> UserError:
    code = f" (error {error.carrier_code})" if error.carrier_code else ""
    said = f"Twilio refused {masked(wish.key)}{code}: {error}"
    return UserError(f"{said} What was done before stays; run it again when that is mended.")
