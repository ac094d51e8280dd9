"""Referees with one wrong rule each: the comparison must notice every one of them."""
from referee.simulator import Simulator


class ServesFifo(Simulator):
    """Takes the lot that came first, where the last is next."""

    def pick(self, station):
        return station.queue[:1] if station.spec.get("dispatch") == "lifo" else super().pick(station)


class FillsFirst(Simulator):
    """Lets lots in before a freed server has taken one of those inside."""

    jobs_begun = property(lambda self: True, lambda self, value: None)


class LastComesFirst(Simulator):
    """Of all that wait for room, the last goes first."""

    def movers(self):
        return super().movers()[::-1]


class JoinsTheLongest(Simulator):
    """Goes where most wait, where a lot joins the shortest line."""

    def line(self, name):
        return -super().line(name)


class KnowsNoPriority(Simulator):
    """Gives people to who has asked first."""

    def turn(self, server):
        return super().turn(server)[1:]


class NeverOverdue(Simulator):
    """Waits for a full batch however long its lots have waited."""

    def pick_batch(self, queue, batch):
        return super().pick_batch(queue, {key: value for key, value in batch.items() if key != "longest_wait"})


class FailsOnce(Simulator):
    """Forgets what comes due during a repair."""

    def fail(self, server, name):
        if not server.down:
            super().fail(server, name)


# With the features that a plant needs to show it.
FAULTS = {
    ServesFifo: {"dispatch", "buffer"},
    FillsFirst: {"dispatch", "buffer"},
    LastComesFirst: {"buffer", "second_source", "blocking"},
    JoinsTheLongest: {"choice", "servers"},
    KnowsNoPriority: {"crew", "priority"},
    NeverOverdue: {"batch", "longest_wait"},
    FailsOnce: {"fails", "second_failure"},
}
