"""The families of exact results: how a case of queueing.json becomes a scenario with overrides, and which figures it must meet.

Exact values come from queueing.json, those of the extra cases from the closed forms below.
"""
import dataclasses
import json
import math
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
REFERENCE = json.loads((HERE / "queueing.json").read_text())


@dataclasses.dataclass
class Case:
    """One run of the ordinary command, and the figures it must show."""
    name: str
    scenario: str  # below scenarios/
    sets: dict  # path: value, as --set takes them
    checks: list  # (what, {path of a figure: factor}, exact value); factors weigh a sum of figures
    deterministic: bool = False  # must agree to 1e-9 in one run


def per_second(rate):
    return f"{rate!r}/s"


def exponential(rate):
    return f"{{exponential: {{rate: {per_second(rate)}}}}}"


def check(what, path, exact, factor=1.0):
    return (what, {path: factor}, exact)


# --- lines --------------------------------------------------------------------------------------------------

def line(name, mu, buffers, checks, seconds):
    """A saturated line: rates of the stations, places in front of station 2, 3, ..."""
    sets = {"run.duration": f"{seconds} s"}
    for k, rate in enumerate(mu, 1):
        after = f"s{k + 1}" if k < len(mu) else "done"
        places = 0 if k == 1 else buffers[k - 2]
        sets[f"stations.s{k}"] = f"{{duration: {exponential(rate)}, buffer: {places}, to: {after}}}"
    return Case(name, "saturated_exponential_line_BAS.yaml", sets, checks)


def balanced_lines():
    for c in REFERENCE["saturated_exponential_line_BAS"]["cases"]:
        n, b, mu = c["stations"], c["buffer_each"], c["mu"]
        yield line(f"{n} stations, buffers of {b}", [mu] * n, [b] * (n - 1),
                   [check("throughput", "sinks.done.rate", c["throughput"]), check("mean_wip", "plant.wip", c["mean_wip"])],
                   round(4000 * (b + 5) / mu))


def unbalanced_lines():
    for c in REFERENCE["unbalanced_lines"]["cases"]:
        yield line(f"mu {c['mu']}, buffers {c['buffers']}", c["mu"], c["buffers"],
                   [check("throughput", "sinks.done.rate", c["throughput"])], 20000)
    for mu, buffer in (([2, 1.5], 3), ([1, 3], 0), ([1.2, 1], 25)):  # two stations: the level is a birth-death process
        r = mu[0] / mu[1]
        states = [r ** k for k in range(buffer + 3)]  # parts past station 1, the one that blocks it included
        blocked = states[-1] / sum(states)
        yield line(f"mu {mu}, buffer {buffer} (closed form)", mu, [buffer],
                   [check("throughput", "sinks.done.rate", mu[0] * (1 - blocked)),
                    check("blocked", "stations.s1.blocked", blocked)], 20000 * (2 + buffer))


def unreliable_pairs():
    for c in REFERENCE["two_machine_exponential_ODF_line"]["cases"]:
        sets = {"stations.m2.buffer": str(c["buffer"]), "run.duration": f"{100000 if c['buffer'] < 20 else 300000} s"}
        for k in (0, 1):
            at = f"stations.m{k + 1}"
            sets[f"{at}.duration"] = exponential(c["mu"][k])
            sets[f"{at}.fails.stop.every"] = exponential(c["fail"][k])
            sets[f"{at}.fails.stop.repair"] = exponential(c["repair"][k])
        yield Case(f"mu {c['mu']}, fail {c['fail']}, repair {c['repair']}, buffer {c['buffer']}",
                   "two_machine_exponential_ODF_line.yaml", sets,
                   [check("throughput", "sinks.done.rate", c["throughput"]),
                    ("mean_extended_level", {"stations.m2.mean_content": 1.0, "stations.m1.blocked": 1.0},
                     c["mean_extended_level"])])


# --- single stations ----------------------------------------------------------------------------------------

def queue_checks(lam, wait, mean):
    """Wq, W, Lq and L of a station called desk without losses, with a mean service time."""
    return [check("Wq", "stations.desk.waiting", wait), check("W", "sources.customers.cycle_time", wait + mean),
            check("Lq", "stations.desk.mean_queue", lam * wait), check("L", "stations.desk.mean_content", lam * (wait + mean))]


def erlang_c(servers, load):
    """Probability of waiting in M/M/c."""
    full = load ** servers / math.factorial(servers) * servers / (servers - load)
    return full / (sum(load ** k / math.factorial(k) for k in range(servers)) + full)


def many_servers():
    def case(name, lam, mu, servers, checks):
        customers = 300000 * (1 if servers <= 5 else 2) / (1 - lam / mu / servers)
        sets = {"sources.customers.rate": per_second(lam), "stations.desk.servers": str(servers),
                "stations.desk.duration": exponential(mu), "run.duration": f"{round(customers / lam)} s"}
        return Case(name, "mmc.yaml", sets, checks)

    for c in REFERENCE["mmc"]["cases"]:
        servers = int(c["model"].split("/")[2])
        checks = [check("Wq", "stations.desk.waiting", c["Wq"]), check("W", "sources.customers.cycle_time", c["W"]),
                  check("Lq", "stations.desk.mean_queue", c["Lq"]), check("L", "stations.desk.mean_content", c["L"])]
        if servers == 1:  # by PASTA an arrival waits with the probability that the only server is busy
            checks.append(check("P_wait", "stations.desk.utilisation", c["P_wait"]))
        yield case(f"{c['model']}, lam {c['lam']}, mu {c['mu']}", c["lam"], c["mu"], servers, checks)
    for lam, mu, servers in ((1.2, 0.5, 3), (6.0, 0.8, 10)):
        wait = erlang_c(servers, lam / mu) / (servers * mu - lam)
        yield case(f"M/M/{servers}, lam {lam}, mu {mu} (Erlang C)", lam, mu, servers,
                   queue_checks(lam, wait, 1 / mu) + [check("rho", "stations.desk.utilisation", lam / mu / servers)])


def general_service():
    def case(name, lam, service, mean, wait, seconds):
        return Case(name, "mg1.yaml", {"sources.customers.rate": per_second(lam), "stations.desk.duration": service,
                                       "run.duration": f"{seconds} s"}, queue_checks(lam, wait, mean))

    services = {"D": "1 s", "E4": "{erlang: {k: 4, mean: 1 s}}", "U(0,2)": "{uniform: {low: 0 s, high: 2 s}}"}
    for c in REFERENCE["mg1_pollaczek_khinchine"]["cases"]:
        yield case(f"{c['model']}, lam {c['lam']}", c["lam"], services[c["model"].split("/", 1)[1].rsplit("/", 1)[0]], c["mean"],
                   c["Wq"], 2500000 if c["lam"] > 0.85 else 900000)
    sd = math.sqrt(math.exp(0.25) - 1)  # lognormal with sigma 0.5 of the logarithm and mean 1
    for name, service, scv in (("H2, scv 4, balanced means", "{hyperexponential: {mean: 1 s, scv: 4}}", 4.0),
                               ("lognormal, sigma 0.5", f"{{lognormal: {{mean: 1 s, sd: {sd!r} s}}}}", sd ** 2),
                               ("gamma, scv 0.5", "{gamma: {mean: 1 s, shape: 2}}", 0.5),
                               ("Weibull, shape 1.5", "{weibull: {shape: 1.5, mean: 1 s}}",
                                math.gamma(1 + 2 / 1.5) / math.gamma(1 + 1 / 1.5) ** 2 - 1)):
        lam = 0.7
        yield case(f"{name}, lam {lam} (Pollaczek-Khinchine)", lam, service, 1.0, lam * (1 + scv) / 2 / (1 - lam),
                   1600000 if scv > 1 else 600000)


def processor_sharing():
    """The mean sojourn mean / (1 - rho) does not depend on the distribution of service (Kleinrock, Queueing Systems 2, 1976, section 4.4). Where each takes at
    most half of what is shared, c = 2 servers' worth of it, the number there is that of M/M/2."""
    for name, service, lam, seconds in (("M", exponential(1.0), 0.5, 110000), ("D", "1 s", 0.7, 90000), ("H2, scv 4", "{hyperexponential: {mean: 1 s, scv: 4}}", 0.5, 250000)):
        sojourn = 1 / (1 - lam)
        yield Case(f"M/G/1-PS, {name}, lam {lam}", "mg1_ps.yaml",
                   {"sources.customers.rate": per_second(lam), "stations.desk.duration": service, "run.duration": f"{seconds} s"},
                   [check("W", "sources.customers.cycle_time", sojourn), check("L", "stations.desk.mean_content", lam * sojourn),
                    check("utilisation", "utilities.power.utilisation", lam)])
    lam, mu, servers = 1.4, 1.0, 2
    sojourn = erlang_c(servers, lam / mu) / (servers * mu - lam) + 1 / mu
    yield Case(f"M/M/PS, at most half of it each, lam {lam}", "mg1_ps.yaml",
               {"utilities.power.capacity": "2 kW", "sources.customers.rate": per_second(lam), "stations.desk.duration": exponential(mu), "run.duration": "90000 s"},
               [check("W", "sources.customers.cycle_time", sojourn), check("L", "stations.desk.mean_content", lam * sojourn)])


def general_arrivals():
    def case(name, every, lam, wait, seconds):
        return Case(name, "gm1.yaml", {"sources.customers.every": every, "run.duration": f"{seconds} s"},
                    queue_checks(lam, wait, 1.0))

    for c in REFERENCE["dm1_exact_vs_kingman"]["cases"]:
        lam = c["rho"]  # mu is 1
        yield case(f"D/M/1, rho {lam}", f"{1 / lam!r} s", lam, c["Wq_exact"], 2000000 if lam > 0.85 else 600000)
    lam, sigma = 0.75, 0.5
    for _ in range(200):  # Erlang-2 arrivals: sigma is the root of sigma = A*(1 - sigma)
        sigma = (2 * lam / (2 * lam + 1 - sigma)) ** 2
    yield case(f"E2/M/1, rho {lam} (root of the transform)", f"{{erlang: {{k: 2, mean: {1 / lam!r} s}}}}", lam,
               sigma / (1 - sigma), 800000)


def priorities():
    def cobham(lam, mu):
        load = [x / mu for x in lam]
        residual = sum(lam) / mu ** 2
        return [residual / (1 - sum(load[:k])) / (1 - sum(load[:k + 1])) for k in range(len(lam))]

    given = REFERENCE["mm1_nonpreemptive_priority"]["cases"]
    other = [0.4, 0.1, 0.2]
    for name, lam, mu, waits, seconds in (("as given", given["lam"], given["mu"], given["Wq"], 1000000),
                                          (f"lam {other} (Cobham)", other, 1.25, cobham(other, 1.25), 800000)):
        sets = {"stations.desk.duration": exponential(mu), "run.duration": f"{seconds} s"}
        for k, rate in enumerate(lam, 1):
            sets[f"sources.class{k}.rate"] = per_second(rate)
        yield Case(name, "mm1_nonpreemptive_priority.yaml", sets,
                   [check(f"Wq of class {k}", f"sources.class{k}.waiting", wait) for k, wait in enumerate(waits, 1)])


def finite_room():
    def case(rho, room, checks):
        seconds = 100000 if rho ** room > 0.2 else 2000000  # losses that are rare take long
        sets = {"sources.customers.rate": per_second(rho), "stations.desk.buffer": str(room - 1), "run.duration": f"{seconds} s"}
        return Case(f"rho {rho}, K {room}", "mm1k.yaml", sets, checks)

    def checks(lost, level, throughput):
        return [check("P_block", "sources.customers.lost_share", lost), check("L", "stations.desk.mean_content", level),
                check("throughput", "sinks.done.rate", throughput)]

    for c in REFERENCE["mm1k"]["cases"]:
        yield case(c["rho"], c["K"], checks(c["P_block"], c["L"], c["throughput"]))
    # no place to wait at all, overload, several servers (the third one is Erlang's loss formula)
    for lam, servers, room in ((0.8, 1, 1), (2.0, 1, 2), (2.5, 3, 3), (1.5, 2, 5)):
        states = [1.0]
        for k in range(room):
            states.append(states[-1] * lam / min(k + 1, servers))
        lost = states[-1] / sum(states)
        made = case(lam, room, checks(lost, sum(k * p for k, p in enumerate(states)) / sum(states), lam * (1 - lost)))
        made.name = f"M/M/{servers}/{room}, lam {lam} (closed form)"
        made.sets |= {"stations.desk.servers": str(servers), "stations.desk.buffer": str(room - servers)}
        yield made


def batch_arrivals():
    given = [(c["lam_batch"], c["b"], c["mu"], c["W"]) for c in REFERENCE["mXm1"]["cases"]]
    for lam, size, mu, stay in given + [(0.1, 10, 2.0, (10 + 1) / (2 * 2.0 * (1 - 0.5)))]:
        yield Case(f"{lam} batches of {size}, mu {mu}", "mXm1.yaml",
                   {"sources.customers.rate": per_second(lam), "sources.customers.batch": str(size),
                    "stations.desk.duration": exponential(mu)},
                   [check("W", "sources.customers.cycle_time", stay),
                    check("L", "stations.desk.mean_content", lam * size * stay)])


# --- networks -----------------------------------------------------------------------------------------------

def machine_repair():
    def birth_death(machines, men, fail, repair):
        p = [1.0]
        for down in range(machines):
            p.append(p[-1] * (machines - down) * fail / (min(down + 1, men) * repair))
        total = sum(p)
        down = sum(k * x for k, x in enumerate(p)) / total
        return {"M": machines, "repairmen": men, "fail_rate": fail, "repair_rate": repair, "mean_down": down,
                "availability": 1 - down / machines,
                "repairman_utilisation": sum(min(k, men) * x for k, x in enumerate(p)) / total / men}

    for c in REFERENCE["machine_repair"]["cases"] + [birth_death(8, 2, 0.2, 0.9)]:
        m, fail, repair = c["M"], exponential(c["fail_rate"]), exponential(c["repair_rate"])
        name = f"{m} machines, {c['repairmen']} repairmen, fail {c['fail_rate']}, repair {c['repair_rate']}"
        yield Case(f"{name}, closed loop", "machine_repair_loop.yaml",
                   {"initial": f"[{{station: up, lot: machine, count: {m}}}]", "stations.up.duration": fail,
                    "stations.repair.duration": repair, "stations.repair.servers": str(c["repairmen"])},
                   [check("mean_down", "stations.repair.mean_content", c["mean_down"]),
                    check("availability", "stations.up.mean_content", c["availability"], 1 / m),
                    check("repairman_utilisation", "stations.repair.utilisation", c["repairman_utilisation"])])
        for clock in ("calendar", "working"):  # machines that never stop for another reason age alike by both
            yield Case(f"{name}, failures by {clock} time", "machine_repair_crew.yaml",
                       {"stations.machines.servers": str(m), "resources.repairman": f"{{count: {c['repairmen']}}}",
                        "stations.machines.fails.stop.every": fail, "stations.machines.fails.stop.repair": repair,
                        "stations.machines.fails.stop.clock": clock},
                       [check("mean_down", "stations.machines.down", c["mean_down"], m),
                        check("availability", "stations.machines.working", c["availability"]),
                        check("repairman_utilisation", "resources.repairman.utilisation", c["repairman_utilisation"])])


def open_network():
    given = REFERENCE["jackson_open"]["cases"]
    names = "abc"

    def case(name, mu, external, routing, visits, rho, level, stay):
        sets = {}
        for k, station in enumerate(names):
            shares = {names[j]: share for j, share in enumerate(routing[k]) if share > 0}
            out = 1 - sum(shares.values())
            if out > 1e-12:
                shares["done"] = out
            to = ", ".join(f"{where}: {share!r}" for where, share in shares.items())
            sets[f"stations.{station}"] = f"{{duration: {exponential(mu[k])}, to: {{{to}}}}}"
        fed = [k for k, rate in enumerate(external) if rate > 0]
        inlets = [f"to_{names[k]}: {{rate: {per_second(external[k])}, to: {names[k]}}}" for k in fed]
        sets["sources"] = "{" + ", ".join(inlets) + "}"
        checks = [check(f"{what} of {names[k]}", f"stations.{names[k]}.{path}", values[k])
                  for what, path, values in (("visit rate", "rate", visits), ("rho", "utilisation", rho),
                                             ("L", "mean_content", level))
                  for k in range(len(names))]
        checks.append(check("W_total", "plant.cycle_time", stay, 3600.0))
        return Case(name, "jackson_open.yaml", sets, checks)

    yield case("as given", given["mu"], given["external"], given["routing"], given["visit_rates"], given["rho"], given["L"],
               given["W_total"])
    mu, external, routing = [3.0, 4.0, 5.0], [1.0, 0.5, 0.0], [[0.3, 0.7, 0.0], [0.0, 0.2, 0.8], [0.1, 0.0, 0.4]]
    visits = external
    for _ in range(2000):  # traffic equations, by iteration
        visits = [external[j] + sum(visits[k] * routing[k][j] for k in range(3)) for j in range(3)]
    rho = [v / m for v, m in zip(visits, mu)]
    level = [r / (1 - r) for r in rho]
    yield case("feedback to the same station, two inlets (product form)", mu, external, routing, visits, rho, level,
               sum(level) / sum(external))


def closed_network():
    def mva(demands, jobs):
        level = [0.0] * len(demands)
        for n in range(1, jobs + 1):
            stays = [d * (1 + x) for d, x in zip(demands, level)]
            rate = n / sum(stays)
            level = [rate * s for s in stays]
        return {"demands": demands, "N": jobs, "X": rate, "R": sum(stays), "L": level}

    for c in REFERENCE["closed_mva"]["cases"] + [mva([0.5, 0.1, 0.4], 8)]:
        sets = {"initial": f"[{{station: a, lot: carrier, count: {c['N']}}}]", "run.duration": f"{40000 + 3000 * c['N']} s"}
        for station, demand in zip("abc", c["demands"]):
            sets[f"stations.{station}.duration"] = f"{{exponential: {demand!r} s}}"
        yield Case(f"demands {c['demands']}, N {c['N']}", "closed_mva.yaml", sets,
                   [check("X", "sinks.laps.rate", c["X"]), check("R", "sources.initial.cycle_time", c["R"])] +
                   [check(f"L of {s}", f"stations.{s}.mean_content", x) for s, x in zip("abc", c["L"])])
    # station a is where the carriers think, each by itself: mean value analysis with a delay
    think, demands, jobs = 3.0, [0.3, 0.45], 10
    level = [0.0, 0.0]
    for n in range(1, jobs + 1):
        stays = [d * (1 + x) for d, x in zip(demands, level)]
        rate = n / (think + sum(stays))
        level = [rate * s for s in stays]
    yield Case(f"think time {think}, demands {demands}, N {jobs} (mean value analysis)", "closed_mva.yaml",
               {"initial": f"[{{station: a, lot: carrier, count: {jobs}}}]", "run.duration": "60000 s",
                "stations.a": f"{{unit: delay, duration: {{exponential: {think} s}}, to: b}}",
                "stations.b.duration": f"{{exponential: {demands[0]} s}}",
                "stations.c.duration": f"{{exponential: {demands[1]} s}}"},
               [check("X", "sinks.laps.rate", rate), check("R", "sources.initial.cycle_time", think + sum(stays)),
                check("L of a", "stations.a.mean_content", rate * think), check("L of b", "stations.b.mean_content", level[0]),
                check("L of c", "stations.c.mean_content", level[1])])
    # a lap ends at station a, which sends 50 % to b, 30 % to c and 20 % back to itself as a new lap; b and c come back to a
    means, shares, jobs = [0.2, 0.5, 0.7], [0.5, 0.3], 6
    visits = [1.0, shares[0], shares[1]]
    c = mva([v * s for v, s in zip(visits, means)], jobs)
    sets = {"initial": f"[{{station: b, lot: carrier, count: {jobs}}}]",
            "stations.a": f"{{duration: {{exponential: {means[0]} s}}, completes: laps, "
                          f"to: {{a: 0.2, b: {shares[0]}, c: {shares[1]}}}}}",
            "stations.b": f"{{duration: {{exponential: {means[1]} s}}, to: a}}",
            "stations.c": f"{{duration: {{exponential: {means[2]} s}}, to: a}}"}
    yield Case("central server with unequal visits (mean value analysis)", "closed_mva.yaml", sets,
               [check("X", "sinks.laps.rate", c["X"]), check("R", "sources.initial.cycle_time", c["R"])] +
               [check(f"L of {s}", f"stations.{s}.mean_content", x) for s, x in zip("abc", c["L"])])


def fork_join():
    given = [(c["lam"], c["mu"], c["T"]) for c in REFERENCE["fork_join_2_MM1"]["cases"]]
    lam, mu = 1.0, 2.0  # Flatto & Hahn: (12 - rho) / 8 times the time in one M/M/1
    for lam, mu, stay in given + [(lam, mu, (12 - lam / mu) / 8 / (mu - lam))]:
        yield Case(f"lam {lam}, mu {mu}", "fork_join_2_MM1.yaml",
                   {"sources.jobs.rate": per_second(lam), "stations.a.duration": exponential(mu),
                    "stations.b.duration": exponential(mu),
                    "run.duration": f"{500000 if lam / mu > 0.7 else 60000} s"},
                   [check("T", "sources.jobs.cycle_time", stay)])


def penny_fab():
    for row in REFERENCE["penny_fab_one"]["cases"]["rows"]:
        w = row["w"]
        window = {"run.warmup": "96 h", "run.duration": f"{96 + 80 * w} h"}  # whole laps
        initial = {"initial": f"[{{station: s1, lot: job, count: {w}}}]"}
        stations = [f"stations.s{k}" for k in (1, 2, 3, 4)]

        def checks(kind):
            return [check("TH", "sinks.pennies.throughput", row[f"{kind}_TH"]),
                    check("CT", "sinks.pennies.cycle_time.mean", row[f"{kind}_CT"])]

        yield Case(f"w {w}, best", "penny_fab.yaml", initial | window, checks("best"), deterministic=True)
        yield Case(f"w {w}, worst", "penny_fab_worst.yaml", initial | window | {f"{s}.batch.count": str(w) for s in stations},
                   checks("worst"), deterministic=True)
        yield Case(f"w {w}, practical worst", "penny_fab.yaml",
                   initial | {f"{s}.duration": "{exponential: 2 h}" for s in stations} |
                   {"run.duration": "60000 h", "run.replications": "40"}, checks("pwc"))


# --- plants that others have published, with the count their own program gives --------------------------------

def public_plants():
    """Examples of NIST simprocesd (usnistgov/simprocesd, examples/)."""
    for example, parts in (("various_flows", 396), ("batch", 20150), ("reentrant", 249)):
        yield Case(example, f"nist_{example}.yaml", {}, [check("parts", "sinks.done.lots", parts)], deterministic=True)


# Families whose values stand here: they are no closed forms of the reference.
OF_THEIR_OWN = {"public_plants", "processor_sharing"}

FAMILIES = {
    "saturated_exponential_line_BAS": balanced_lines, "unbalanced_lines": unbalanced_lines,
    "two_machine_exponential_ODF_line": unreliable_pairs, "mmc": many_servers, "mg1_pollaczek_khinchine": general_service,
    "mm1_nonpreemptive_priority": priorities, "mm1k": finite_room, "machine_repair": machine_repair, "jackson_open": open_network,
    "closed_mva": closed_network, "fork_join_2_MM1": fork_join, "mXm1": batch_arrivals, "penny_fab_one": penny_fab,
    "dm1_exact_vs_kingman": general_arrivals, "public_plants": public_plants,
    "processor_sharing": processor_sharing,
}
