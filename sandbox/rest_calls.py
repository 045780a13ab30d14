"""Calls.json and Calls/{Sid}.json."""

from functools import partial

from sandbox.call_orders import INVALID_URL, LONGEST_TWIML, orders_of_call
from sandbox.callbacks import duration_seconds
from sandbox.callers import refuse_blocked
from sandbox.checks import caller_of, method_in, refused, to_of, url_in
from sandbox.clock import rfc2822
from sandbox.creating import create
from sandbox.dialling import enqueue, take_from_queue
from sandbox.errors import invalid, not_found
from sandbox.legs import hang_up, step_out
from sandbox.listing import listing, within
from sandbox.records import Call, CallOrders
from sandbox.script import ask, begin, run_text
from sandbox.web import Answer, Request
from sandbox.world import API_VERSION, World

INVALID_STATE = 21220


def create_call(world: World, request: Request) -> Answer:
    """POST Calls.json: the call is queued."""
    to = to_of(world, request, "call")
    from_ = caller_of(request, to)
    refuse_blocked(world, from_)
    orders = orders_of_call(world, request)

    def make() -> Answer:
        call = queued_call(world, to, from_, orders)
        call.on_answer = partial(begin, world, call)
        return Answer(201, call_json(world, call))

    return create(world, "calls", to, make)


def queued_call(world: World, to: str, from_: str, orders: CallOrders) -> Call:
    """A call that waits in the account's queue from now on."""
    call = Call(
        to=to,
        from_=from_,
        direction="outbound-api",
        created_at=world.now(),
        updated_at=world.now(),
        plan=world.people.next_call(to),
        is_agent=world.people.is_agent(to),
        orders=orders,
    )
    call.keys = call.plan.presses
    enqueue(world, call)
    return call


def fetch_call(world: World, request: Request, sid: str) -> Answer:
    """GET Calls/{Sid}.json."""
    return Answer(200, call_json(world, _find(world, request, sid)))


def list_calls(world: World, request: Request) -> Answer:
    """GET Calls.json by To, From, Status, ParentCallSid, StartTime, EndTime; a queued call has no StartTime."""
    lag = world.faults.lag_seconds("calls")

    def fits(call: Call) -> bool:
        return (
            request.get("From") in {None, call.from_}
            and request.get("Status") in {None, call.status}
            and request.get("ParentCallSid") in {None, call.parent_sid}
            and within(request, "StartTime", call.dialled_at)
            and within(request, "EndTime", call.ended_at)
            and not (lag and call.created_at > world.now() - lag)
        )

    calls = (call for call in world.calls.newest_first(request.get("To")) if fits(call))
    return listing(request, "calls", calls, lambda call: call.sid, partial(call_json, world))


def update_call(world: World, request: Request, sid: str) -> Answer:
    """POST Calls/{Sid}.json: cancel, hang up, or follow another document."""
    call = _find(world, request, sid)
    status = request.get("Status")
    if status not in {None, "canceled", "completed"}:
        raise invalid("Status", "must be canceled or completed")
    if status is not None:
        _end(world, call, status)
    else:
        _redirect(world, call, request)
    return Answer(200, call_json(world, call))


def _end(world: World, call: Call, status: str) -> None:
    if call.ended or (status == "canceled" and call.status == "in-progress"):
        raise refused(INVALID_STATE, f"Call is not in a state to be {status}: it is {call.status}.")
    if take_from_queue(world, call):
        return
    hang_up(world, call, "completed" if call.status == "in-progress" else "canceled")


def _redirect(world: World, call: Call, request: Request) -> None:
    url, twiml = url_in(request, "Url", INVALID_URL), request.get("Twiml")
    if url is None and twiml is None:
        raise invalid("Status", "Status, Url or Twiml is needed to change a call")
    if twiml is not None and len(twiml) > LONGEST_TWIML:
        raise invalid("Twiml", f"must not be longer than {LONGEST_TWIML} characters")
    if call.status != "in-progress":
        raise refused(INVALID_STATE, "Call is not in-progress. Cannot redirect.")
    step_out(call)
    if url is not None:
        ask(world, call, url, method_in(request, "Method"), {})
    else:
        run_text(world, call, twiml or "")


def _find(world: World, request: Request, sid: str) -> Call:
    call = world.calls.get(sid)
    if call is None:
        raise not_found(request.path)
    return call


def call_json(world: World, call: Call) -> dict[str, object]:
    """The call as Twilio shows it."""
    account = world.config.account_sid
    uri = f"/{API_VERSION}/Accounts/{account}/Calls/{call.sid}"
    return {
        "sid": call.sid,
        "account_sid": account,
        "annotation": None,
        "answered_by": call.answered_by,
        "api_version": API_VERSION,
        "caller_name": None,
        "date_created": rfc2822(call.created_at),
        "date_updated": rfc2822(call.updated_at),
        "direction": call.direction,
        "duration": str(duration_seconds(call)) if call.ended else None,
        "start_time": rfc2822(call.dialled_at),
        "end_time": rfc2822(call.ended_at),
        "forwarded_from": None,
        "from": call.from_,
        "from_formatted": call.from_,
        "group_sid": None,
        "parent_call_sid": call.parent_sid,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": str(call.queue_time_ms),
        "status": call.status,
        "to": call.to,
        "to_formatted": call.to,
        "trunk_sid": "",
        "uri": f"{uri}.json",
        "subresource_uris": {
            name: f"{uri}/{path}.json"
            for name, path in (("recordings", "Recordings"), ("events", "Events"), ("notifications", "Notifications"))
        },
    }
