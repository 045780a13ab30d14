"""What is needed is made once, what is not ours is left alone, and a run that dies is finished by the next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select

from orchestrator.carrier.workbench import TwilioWorkbench, workbench_of
from orchestrator.domain.errors import CarrierError, DispatchUncertainError, UserError
from orchestrator.domain.provisioning import Action, Kind, Step, Thing, Value
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.account import provisions
from orchestrator.pipeline.provision import Provisioner
from orchestrator.pipeline.provision_wishes import PREVIEWS, TEXTS, WORKSPACE, Wanted, wishes_of
from orchestrator.settings import Settings
from sandbox.account.records import MessagingService
from sandbox.records import IncomingNumber
from sandbox.server import RunningSandbox
from sandbox.taskrouter.records import DEFAULT_ACTIVITIES, DEFAULT_CHANNELS, Activity, Workspace
from tests.integration.account.conftest import ACCOUNT, NOW, TOKEN

CALLER, SENDER = "+12125550100", "+12125550101"
PUBLIC = "https://calls.example.com"
WANTED = Wanted(public_url=PUBLIC, callers=(CALLER,), texts_from=(SENDER,))
ALL = ("number", "service")
ROOM_ALONE = replace(WANTED, callers=(), texts_from=())


class PowerCutError(BaseException):
    """The process dies."""


@dataclass
class Dying:
    """A Workbench whose process dies at the n-th creation: before it, or after it was made."""

    bench: TwilioWorkbench
    at: int
    after: bool
    made: int = 0

    def flex_workspace(self) -> str | None:
        return self.bench.flex_workspace()

    def find(self, kind: Kind, name: str, within: str | None) -> Thing | None:
        return self.bench.find(kind, name, within)

    def fetch(self, kind: Kind, sid: str, within: str | None) -> Thing | None:
        return self.bench.fetch(kind, sid, within)

    def change(self, kind: Kind, sid: str, fields: Mapping[str, Value], within: str | None) -> None:
        self.bench.change(kind, sid, fields, within)

    def create(self, kind: Kind, name: str, fields: Mapping[str, Value], within: str | None) -> str:
        self.made += 1
        if self.made == self.at and not self.after:
            raise PowerCutError
        sid = self.bench.create(kind, name, fields, within)
        if self.made == self.at:
            raise PowerCutError
        return sid


@dataclass
class Ground:
    """The account with two numbers, and runs over it."""

    store: Store
    account: RunningSandbox
    numbers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number in (CALLER, SENDER):
            one = IncomingNumber(phone_number=number, created_at=NOW.timestamp() - 86_400)
            self.account.world.numbers[one.sid] = one
            self.numbers[number] = one.sid

    @property
    def bench(self) -> TwilioWorkbench:
        values = {"account_sid": ACCOUNT, "auth_token": TOKEN, "twilio_api_url": self.account.url}
        return workbench_of(Settings(**values))  # type: ignore[arg-type]

    def run(self, wanted: Wanted = WANTED, adopt: Collection[str] = ALL, bench: Any = None) -> list[Step]:
        return list(self.provisioner(adopt, bench).carry_out(wishes_of(wanted)))

    def plan(self, wanted: Wanted = WANTED, adopt: Collection[str] = ALL) -> list[Step]:
        return list(self.provisioner(adopt).plan(wishes_of(wanted)))

    def provisioner(self, adopt: Collection[str] = ALL, bench: Any = None) -> Provisioner:
        return Provisioner(self.store, bench or self.bench, ACCOUNT, adopt, lambda: NOW)

    def changing_requests(self) -> int:
        seen = self.account.world.requests.requests
        return sum(count for name, count in seen.items() if not name.startswith("GET"))

    @property
    def space(self) -> Workspace:
        (space,) = self.account.world.workspaces.values()
        return space

    def remembered(self) -> dict[tuple[str, str], tuple[str | None, bool]]:
        with self.store.read() as tx:
            return {(row.kind, row.name): (row.sid, row.adopted) for row in tx.execute(select(provisions))}


@pytest.fixture
def ground(store: Store, account: RunningSandbox) -> Ground:
    """An account where nothing was made yet."""
    return Ground(store, account)


def actions(steps: list[Step]) -> dict[str, Action]:
    return {step.wish.key: step.action for step in steps}


def one_of_each(ground: Ground) -> None:
    """Everything is there, once, and as it must be."""
    space = ground.space
    assert (space.friendly_name, space.event_url) == (WORKSPACE, f"{PUBLIC}/tasks/events")
    assert [(one.friendly_name, one.available) for one in space.activities.values()] == [
        *DEFAULT_ACTIVITIES, ("Outbound calls", False),
    ]  # fmt: skip
    assert [one.unique_name for one in space.channels.values()] == list(DEFAULT_CHANNELS)
    (queue,) = space.queues.values()
    (workflow,) = space.workflows.values()
    assert (queue.friendly_name, workflow.friendly_name, queue.sid in workflow.configuration) == (
        PREVIEWS, PREVIEWS, True,
    )  # fmt: skip
    assert workflow.assignment_url is None
    (service,) = ground.account.world.account.services.values()
    assert (service.friendly_name, service.numbers) == (TEXTS, [ground.numbers[SENDER]])
    assert service.settings["inbound_request_url"] == f"{PUBLIC}/inbound/messages#rc=3&rp=all"
    settings = {number: ground.account.world.number(number).settings for number in (CALLER, SENDER)}  # type: ignore[union-attr]
    assert settings[CALLER]["VoiceUrl"] == f"{PUBLIC}/inbound/calls#rc=3&rp=all"
    assert settings[CALLER]["StatusCallback"] == f"{PUBLIC}/inbound/calls/status#rc=3&rp=all"
    assert "SmsUrl" not in settings[CALLER]
    assert settings[SENDER] == {}  # the service answers for it


def test_a_plan_changes_nothing_there_or_here(ground: Ground) -> None:
    plan = actions(ground.plan())
    assert plan == {
        f"workspace:{WORKSPACE}": Action.CREATE,
        "activity:Available": Action.LEAVE,
        "activity:Outbound calls": Action.CREATE,
        "task-channel:voice": Action.LEAVE,
        f"queue:{PREVIEWS}": Action.CREATE,
        f"workflow:{PREVIEWS}": Action.CREATE,
        f"number:{CALLER}": Action.ADOPT,
        f"number:{SENDER}": Action.LEAVE,
        f"service:{TEXTS}": Action.CREATE,
        f"service-number:{SENDER}": Action.CREATE,
    }
    assert (ground.changing_requests(), ground.remembered()) == (0, {})


def test_everything_is_made_once_and_a_second_run_changes_nothing(ground: Ground) -> None:
    ground.run()
    one_of_each(ground)
    before = ground.changing_requests()
    again = ground.run()
    assert {step.action for step in again} == {Action.LEAVE}
    assert (ground.changing_requests(), before) == (before, 7)
    one_of_each(ground)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 7))
def test_a_run_that_dies_is_finished_by_the_next(ground: Ground, at: int, after: bool) -> None:
    with pytest.raises(PowerCutError):
        ground.run(bench=Dying(ground.bench, at, after))
    ground.run()
    one_of_each(ground)
    assert all(sid is not None for sid, _ in ground.remembered().values())
    before = ground.changing_requests()
    ground.run()
    assert ground.changing_requests() == before


def test_what_is_not_ours_is_refused_and_the_rest_is_made(ground: Ground) -> None:
    steps = ground.run(adopt=())
    refused = [step for step in steps if step.action is Action.REFUSE]
    assert [step.wish.name for step in refused] == [CALLER]
    assert all(f"--adopt {step.sid}" in step.why for step in refused)
    assert [dict(one.settings) for one in ground.account.world.numbers.values()] == [{}, {}]
    assert ground.space.friendly_name == WORKSPACE


@pytest.mark.parametrize("word", ["number", CALLER, f"number:{CALLER}", "sid"])
def test_one_is_adopted_by_its_kind_name_or_sid(ground: Ground, word: str) -> None:
    told = ground.numbers[CALLER] if word == "sid" else word
    steps = ground.run(replace(WANTED, texts_from=()), adopt=[told])
    assert actions(steps)[f"number:{CALLER}"] is Action.ADOPT
    assert ground.remembered()["number", CALLER] == (ground.numbers[CALLER], True)


def test_what_was_adopted_is_kept_right_without_being_told_again(ground: Ground) -> None:
    ground.run()
    ground.account.world.numbers[ground.numbers[CALLER]].settings["VoiceUrl"] = "https://old.example.com/"
    steps = ground.run(adopt=())
    assert [step.wish.key for step in steps if step.action is not Action.LEAVE] == [f"number:{CALLER}"]
    one_of_each(ground)


def test_another_public_address_changes_what_names_it_and_nothing_else(ground: Ground) -> None:
    ground.run()
    moved = ground.plan(replace(WANTED, public_url="https://new.example.com"))
    changed = {step.wish.kind for step in moved if step.action is Action.CHANGE}
    assert changed == {Kind.WORKSPACE, Kind.NUMBER, Kind.SERVICE}


def test_what_somebody_deleted_is_made_again(ground: Ground) -> None:
    ground.run()
    ground.space.workflows.clear()
    assert [step.wish.kind for step in ground.run() if step.action is not Action.LEAVE] == [Kind.WORKFLOW]
    one_of_each(ground)


def flex(ground: Ground, event_url: str | None = None) -> Workspace:
    """The workspace that Flex made, long ago."""
    ground.run(ROOM_ALONE)
    space = ground.space
    with ground.store.write() as tx:
        tx.execute(provisions.delete())
    space.friendly_name, space.event_url = "Flex Task Assignment", event_url
    for things in (space.queues, space.workflows):
        things.clear()
    outbound = next(sid for sid, one in space.activities.items() if one.friendly_name == "Outbound calls")
    del space.activities[outbound]
    return space


def test_flex_s_own_workspace_gets_our_things_and_keeps_its_event_callback(ground: Ground) -> None:
    space = flex(ground, "https://elsewhere.example.com/events")
    steps = ground.run(replace(ROOM_ALONE, workspace=space.sid))
    assert actions(steps)[f"workspace:{space.sid}"] is Action.REFUSE
    assert space.event_url == "https://elsewhere.example.com/events"
    assert [one.friendly_name for one in space.workflows.values()] == [PREVIEWS]
    assert len(ground.account.world.workspaces) == 1


def test_flex_s_own_workspace_is_changed_where_we_are_told(ground: Ground) -> None:
    space = flex(ground)
    space.events_filter = frozenset({"task.created"})
    steps = ground.run(replace(ROOM_ALONE, workspace=space.sid), adopt=["workspace"])
    assert actions(steps)[f"workspace:{space.sid}"] is Action.ADOPT
    assert (space.event_url, space.friendly_name) == (f"{PUBLIC}/tasks/events", "Flex Task Assignment")
    assert space.events_filter == frozenset()  # nothing that we need is kept from us


def test_a_workspace_that_we_made_stays_ours_when_a_setting_names_it(ground: Ground) -> None:
    ground.run(ROOM_ALONE)
    named = replace(ROOM_ALONE, workspace=ground.space.sid, public_url="https://new.example.com")
    assert actions(ground.plan(named, adopt=()))[f"workspace:{ground.space.sid}"] is Action.CHANGE


def test_a_workspace_that_is_not_there_is_refused_with_all_that_lies_in_it(ground: Ground) -> None:
    steps = ground.run(replace(ROOM_ALONE, workspace="WS" + "0" * 32))
    assert {step.action for step in steps} == {Action.REFUSE}
    assert (ground.account.world.workspaces, ground.changing_requests()) == ({}, 0)


def test_an_activity_of_our_name_that_takes_tasks_is_no_place_for_us(ground: Ground) -> None:
    ground.run(ROOM_ALONE)
    space = ground.space
    taken = Activity(friendly_name="On the phone", available=True, created_at=NOW.timestamp())
    space.activities[taken.sid] = taken
    steps = ground.run(replace(ROOM_ALONE, outbound="On the phone"), adopt=["activity"])
    assert actions(steps)["activity:On the phone"] is Action.REFUSE


def test_a_service_that_bears_our_name_and_is_older_is_not_ours(ground: Ground) -> None:
    theirs = MessagingService(friendly_name=TEXTS, created_at=NOW.timestamp() - 3600)
    ground.account.world.account.services[theirs.sid] = theirs
    assert actions(ground.plan(adopt=()))[f"service:{TEXTS}"] is Action.REFUSE
    assert actions(ground.plan(adopt=[theirs.sid]))[f"service:{TEXTS}"] is Action.ADOPT


@pytest.mark.parametrize(("seconds", "action"), [(-61, Action.REFUSE), (-60, Action.CHANGE), (5, Action.CHANGE)])
def test_what_came_to_be_after_we_began_is_what_we_began(ground: Ground, seconds: int, action: Action) -> None:
    with pytest.raises(PowerCutError):
        ground.run(bench=Dying(ground.bench, 5, after=False))
    found = MessagingService(friendly_name=TEXTS, created_at=NOW.timestamp() + seconds)
    ground.account.world.account.services[found.sid] = found
    assert actions(ground.plan(adopt=()))[f"service:{TEXTS}"] is action


def test_a_number_that_the_account_does_not_own_is_refused(ground: Ground) -> None:
    steps = actions(ground.run(replace(WANTED, callers=("+12125550198",), texts_from=("+12125550199",))))
    assert [steps[f"number:+1212555019{n}"] for n in (8, 9)] == [Action.REFUSE] * 2
    assert (steps[f"service:{TEXTS}"], steps["service-number:+12125550199"]) == (Action.REFUSE, Action.REFUSE)


def test_a_number_that_texts_by_itself_is_answered_by_itself(ground: Ground) -> None:
    ground.run(replace(ROOM_ALONE, texters=(SENDER,)))
    assert ground.account.world.numbers[ground.numbers[SENDER]].settings == {
        "SmsUrl": f"{PUBLIC}/inbound/messages#rc=3&rp=all", "SmsMethod": "POST",
    }  # fmt: skip


@dataclass
class Unwilling(Dying):
    """A Workbench whose first creation ends in this error."""

    error: CarrierError = field(default_factory=CarrierError)

    def create(self, kind: Kind, name: str, fields: Mapping[str, Value], within: str | None) -> str:  # noqa: ARG002
        raise self.error


@pytest.mark.parametrize(
    ("error", "words", "rows"),
    [(DispatchUncertainError(), "run it again", 1), (CarrierError(carrier_code=20001), "error 20001", 0)],
)
def test_a_refusal_is_said_and_only_a_doubt_is_remembered(
    ground: Ground, error: CarrierError, words: str, rows: int
) -> None:
    with pytest.raises(UserError, match=words):
        ground.run(bench=Unwilling(ground.bench, 0, after=False, error=error))
    assert len(ground.remembered()) == rows


def test_a_word_that_means_nothing_is_not_taken_for_done(ground: Ground) -> None:
    provisioner = ground.provisioner(adopt=["numbre"])
    with pytest.raises(UserError, match="--adopt numbre means nothing"):
        provisioner.require_meant(list(provisioner.plan(wishes_of(WANTED))))
