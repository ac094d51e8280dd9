"""Failures of the referee: three clocks, what becomes of the job, and repairs.

A failure that counts jobs comes when its last job has left. A setup in hand is not scrapped, it goes on after the repair; to begin
anew begins with the setup only if that was in hand; a job that waits for a place has not begun, and one that has finished is not
scrapped any more. What comes due during a repair
comes at its end, once, however often it came due; of several that which is named first.
"""
from referee.parts import Request


class Failures:
    def start_clocks(self):
        for station in self.stations.values():
            for name, mode in station.modes.items():
                for server in station.servers[:1] if mode.get("scope") == "station" else station.servers:
                    self.start_clock(server, name, mode)

    def start_clock(self, server, name, mode):
        """Counts anew from now."""
        if mode["clock"] == "calendar":
            self.at(self.now + mode["every"], self.FAIL, server.station, lambda: self.clock_rings(server, name, mode))
        else:
            server.worked[name] = 0

    def clock_rings(self, server, name, mode):
        if mode.get("counted_from") == "start":
            self.start_clock(server, name, mode)
        for each in server.station.servers if mode.get("scope") == "station" else [server]:
            self.fail(each, name)

    def restart_clock(self, server, name, mode):
        """After a repair, if it has not counted on; the clock of a whole station when all its servers are repaired."""
        whole = mode.get("scope") == "station"
        if mode.get("counted_from") != "start" and not (whole and any(name in (s.down, *s.due) for s in server.station.servers)):
            self.start_clock(server, name, mode)

    def emptied(self, server):
        for name, mode in server.station.modes.items():
            if mode["clock"] == "count" and server.worked[name] >= mode["every"]:
                self.fail(server, name)

    def fail(self, server, name):
        if server.down:
            if name not in server.due:
                server.due.append(name)
            return
        mode = server.station.modes[name]
        self.stop(server)
        server.down = name
        if server.job:
            self.decide_job(server, mode)
        if server.job is None or not mode.get("keep_crew"):
            self.release(server)
        if mode.get("needs"):
            server.asks = Request(mode["needs"], self.now, False, repair=True)
        else:
            self.repair(server)

    def decide_job(self, server, mode):
        job, what = server.job, mode.get("job", "resume")
        if what == "resume" or server.place_since is not None or (what == "scrap" and job.stage.kind == "setup"):
            return
        if what == "restart":
            job.at = 0 if job.stage.kind == "setup" else sum(stage.kind == "setup" for stage in job.stages)
            for stage in job.stages[job.at:]:
                stage.left, stage.begun, stage.asks_again = stage.duration, False, False
            job.stage.asks_again = True
            if server.crew and server.crew.needs != job.stage.needs:
                self.release(server)
            return
        for lot in job.lots:
            self.tell("ended", mode["scrap_to"], lot)
        self.release(server)
        server.job, server.finishing = None, False
        self.give_back(server)

    def repair(self, server):
        takes = server.station.modes[server.down]["repair"]
        self.at(self.now + takes, self.REPAIRED, server.station, lambda: self.repaired(server))

    def repaired(self, server):
        name, server.down = server.down, None
        self.frees(server)
        self.release(server, repair=True)
        self.restart_clock(server, name, server.station.modes[name])
        due = [name for name in server.station.modes if name in server.due]
        if due:
            server.due.remove(due[0])
            self.fail(server, due[0])
        else:
            self.go_on(server)
