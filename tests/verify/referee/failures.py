"""Failures of the referee: three clocks, what becomes of the job, and repairs.

A failure that counts jobs comes when its last job has left. A setup in hand is not scrapped, it goes on after the repair; to begin
anew begins with the setup only if that was in hand; a job that has finished is not scrapped any more.
"""
from referee.parts import Request


class Failures:
    def start_clocks(self):
        for station in self.stations.values():
            for name, mode in station.modes.items():
                for server in station.servers[:1] if mode.get("scope") == "station" else station.servers:
                    self.start_clock(server, name, mode)

    def start_clock(self, server, name, mode, due=None):
        """Counts anew from now or from when the last one was due; the clock of a whole station when all its servers are repaired."""
        servers = [server]
        if mode.get("scope") == "station":
            servers = server.station.servers
            if any(s.down == name or name in dict(s.due) for s in servers):
                return
        if mode["clock"] == "calendar":
            next_due = mode["every"] + (self.now if due is None or mode.get("counted_from") != "start" else due)
            self.at(max(self.now, next_due), self.FAIL, server.station, lambda: [self.fail(s, name, next_due) for s in servers])
        else:
            server.worked[name] = 0

    def emptied(self, server):
        for name, mode in server.station.modes.items():
            if mode["clock"] == "count" and server.worked[name] >= mode["every"]:
                self.fail(server, name)

    def fail(self, server, name, due=None):
        due = self.now if due is None else due
        if server.down:
            server.due.append((name, due))
            return
        mode = server.station.modes[name]
        self.stop(server)
        server.down, server.down_due = name, due
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
        if what == "resume" or (what == "scrap" and job.stage.kind == "setup"):
            return
        if what == "restart":
            job.at = 0 if job.stage.kind == "setup" else sum(stage.kind == "setup" for stage in job.stages)
            for stage in job.stages[job.at:]:
                stage.left, stage.begun = stage.duration, False
            if server.crew and server.crew.needs != job.stage.needs:
                self.release(server)
            return
        for lot in job.lots:
            self.tell("ended", mode["scrap_to"], lot)
        self.release(server)
        server.job, server.finishing, server.place_since = None, False, None
        self.give_back(server)

    def repair(self, server):
        takes = server.station.modes[server.down]["repair"]
        self.at(self.now + takes, self.REPAIRED, server.station, lambda: self.repaired(server))

    def repaired(self, server):
        name, server.down, server.idle_since = server.down, None, self.now
        self.release(server, repair=True)
        self.start_clock(server, name, server.station.modes[name], server.down_due)
        if server.due:
            self.fail(server, *server.due.pop(0))
        else:
            self.go_on(server)
