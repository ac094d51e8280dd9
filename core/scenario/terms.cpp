// The words themselves.
#include "core/scenario/terms.hpp"

namespace retwin {
namespace {

constexpr Term glossary[] = {
    {"bottleneck", "what limits a plant, as `retwin bottleneck` measures it",
     R"(objective
  The figure that counts, the more the better: `objective:` of the scenario, else the mass of the products, else their lots.
candidate
  What may limit: servers of a station, vehicles, a bounded buffer, a pool, a repair crew, a calendar, setups, a failure mode. Dwell
  without capacity (unlimited servers, a delay, resting) is none.
relief
  A candidate taken away, or a step of it. In full: servers and vehicles four times as many or 20 more, whichever is more; a pool with
  enough for all; a buffer without bound; a calendar round the clock; setups without time; a failure mode off. Where a source is
  saturated it would fill whatever there is: there servers and pools are doubled.
unit step
  One server, vehicle, place, or person on each shift more; 10 % more room where it is by mass or volume; setups 10 % shorter, a failure
  10 % rarer, each working interval of a calendar 10 % longer. Beside it stands a larger step: twice the servers or people, ten times the
  buffer, round the clock, off.
gain
  What a variant makes more than the plant as it is, over what the plant makes as it is. A ratio of sums over replications, its interval by
  the jackknife. Beside it the change of the carbon per tonne of the first functional unit. `0`: the interval holds 0, or it is less than
  0.1 %.
all reliefs together
  The most that can be gained in the plant, decided by runs as long as the scenario's own: pair after pair of replications until an interval
  lies above 0 (and above 0.5 %), or it is no more than that.
demand limits, not decided
  That demand limits is said where the interval of what all reliefs gain ends below 2 %, and what comes in does not pile up more than in
  the relieved plant (by 1 % of it). Where neither this nor a gain is shown, the verdict says that it is not decided.
sufficient set
  The most loaded that keep at least 95 % of the gain of all, found by halving; then those among them are taken out without which that
  stays so, least missed first. What is left is enough, and less without any of its members. There may be other sets: of those that do as
  well it is the one of the more loaded.
lost without it
  What the sufficient set makes less if one member is left as it is, over what the plant makes as it is.
pairs
  Where no step gains by itself, two unit steps at a time.
demand
  Arrivals x 1.25, by itself and never with a relief: of a timetable every fourth arrival twice.
suspect
  What one run of the plant as it is makes think that it limits: at work for 70 % of the time it is on or on duty, half full, or blocking those
  before it. A suspicion: relief shows whether there is anything in it.
fresh replications
  Every figure that is reported comes from replications that had no part in choosing the reliefs. The same replication has the same
  draws in every variant (common random numbers), so that differences are of pairs.
window
  Every variant begins empty with its reliefs in force, so that it has no backlog to serve out, and counts from half of the run on (in whole
  weeks), at least from the end of the warm-up. A terminating run counts from its start. Where a plant takes long, runs that select and
  those of members and steps are made shorter, down to twice the warm-up and four weeks (they count from the end of the warm-up, or after
  a quarter); the gains of all, of the set and of demand stay those of the scenario's own length as long as they can be paid for. How short
  is counted in events, so that the answer is the same on every machine.

example
  retwin bottleneck scenarios/plants/small.yaml --replications 10
)"},
    {"steady", "what the terms of steady state, warm-up and precision in the reports of retwin run mean",
     R"(warm-up           the beginning of a run, left out of all figures (`run.warmup`): the plant begins empty, and what it then does is not what
                  it does in the long run. None for runs with an end of their own (`terminating`) and from a saved state
warmup: auto      found: the first replications (10, or as many as are asked for) are run from their beginning, the objective is averaged over
                  them period by period, and MSER cuts what makes the rest most precise (White 1997). That one cut is the warm-up of all
                  replications, which are then run with it, with the same random numbers. A period is a week where shifts or profiles are
                  weekly, so that the cut is whole weeks, else a 200th of the run
cannot be told    fewer than 10 periods: of auto nothing is cut. A cut in the second half of the run: of auto half of the run is. Both are
                  warnings (of a stated warm-up the second where it makes more than 1 %); a longer run helps, unless the plant fills up
auto elsewhere    `compare` cuts base and variants alike, by the longest that any takes; `bottleneck` has a window of its own, the second half;
                  `regress` wants a stated warm-up; none from a saved state; refused where the plant `changes` on the way
window            from the end of the warm-up to the end of the run: what figures are counted over. Shifts and profiles are weekly, so it is
                  whole weeks, or a warning says that it is not
steady state      what comes in goes out, apart from chance: figures of a longer window would be much the same
growth            what is in the plant at the end of the window and was not at its beginning, as a share of what came in (`plant.growth`: of
                  mass, without masses of lots); of a station the lots a week by which its contents grow (`stations.NAME.growth`)
not in a steady   growth above 1 % of what came in, and above 0 by Student's one-sided test at 99 % over the replications (at least two).
  state           The station that is named is where contents grow fastest. Of such a plant the times and the stock depend on how long the
                  run is, and figures per tonne or lot rest on what came out: add capacity where it grows, or let fewer come
replication       the same plant with other luck, independent of the others
interval          mean +- half-width over the replications, by Student; of a ratio (a cycle time, carbon per t) that of the ratio of the sums,
                  with the jackknife variance. It holds the long-run value as often as `run.confidence` says, if the warm-up is long enough
precision         half-width over mean. `replications: auto` goes on, from 10 by half more each time, until the objective and carbon per
                  tonne are known to `run.precision`, at most `run.max_replications`; if that is not reached, the report says so
*                 a figure that rests on an estimate of the scenario (`estimate: true`, `confidence: estimate`), whatever its interval
)"},
    {"compare", "what the terms of retwin compare and retwin regress mean",
     R"(same luck         replication r of every variant has the random numbers of replication r of the base, stream by stream; what differs
                  between them is what was changed, and much of the luck cancels out (common random numbers)
replications      as the base says, at least 10. Of `auto` 10, then by half more each time until the change of the objective of every variant,
                  as a share of the base, is known to `run.precision` (half the interval), at most `run.max_replications`
difference        variant less base, replication by replication, with Student's interval; of a ratio (cycle time, carbon per t) the
                  difference of the ratios of sums, with the jackknife variance
change            the difference as a share of the base; where that may as well be 0 the difference itself
headline figures  the objective, products, carbon per functional unit, electricity per lot, cycle time, lots in the plant, lots
                  lost: at most 12, tested together
p (Holm)          chance of such a difference where there is none, raised so that among all headline figures of all variants together
                  a false alarm has at most 5 % (1 - confidence)
uncorrected       all other figures: each p is that of the figure alone, and one in twenty is below 0.05 by chance
*                 a difference is shown: p below 1 - confidence
unchanged within  no difference is shown; if there is one, it lies within this (the farther end of the interval)
variance less by  variance of a difference with independent luck, by that of the paired one: how many times more replications it would
                  have taken without the same luck. Below 1 x: the change has undone it
identical         the same figures, all of them, in all replications
fail if           products < -1 %: the gate fails unless it is shown that products have not fallen by more than 1 %. products is the
                  objective; any other figure goes by its path. > for figures of which less is better
looks             at 10, 20, 40, 80, 160 replications; each spends a part of 1 % per condition (Lan and DeMets, spending like Pocock),
                  so that what is at the limit passes in 1 of 100 gates, however often one looks
passed, failed    the change is beyond doubt on the right, the wrong side of the limit
not shown         neither, at the last look; counts as failed. A wider limit or more --replications may show it
kept figures      what retwin regress --update wrote: the figures of each replication, the digest of its last state, and the scenario.
                  Judged with the same seed, pair by pair; with another seed the kept scenario is run again, which tells of changes
                  of the scenario, not of the program
)"},
    {"comply", "what the terms of retwin comply mean",
     R"(rule              of a document of the library (compliance/), with its source, or said in the scenario. The library has targets; what counts
                  as output and as input is said by the plant: sources, sinks and station.port, of them the whole mass or elements
                  and components
efficiency        mass out over mass in
recovery          of elements (or components): what is in the output over what is in the input
content           of elements or components in lots, of their mass less what `without` names (dry assay: without: [H2O])
target            the share asked for from a day on; coming: that day is after the day asked about (--date, else the first of the run)
margin            points by which a target is kept; below 0: missed
pass, fail        the whole interval over the replications lies on that side of the target; not decided: it holds the target. One
                  replication is judged by its value
more out than in  an efficiency or recovery above 100 %: an error of retwin comply. An output holds what reagents bring (count elements), a
                  way in is missing, or more came out of stock than went in (a longer window)
*                 rests on an estimate: the rule has no source, or the scenario says so of how it is counted
)"},
    {"cost", "what the terms of retwin cost mean",
     R"(price             with its currency; EUR and USD are converted at one dated rate. Of a metered flow, people on duty, feed (below 0: what is
                  paid for taking it), products, waste, investments. One without a source is an estimate
payable           of a product by element: price of the element x payable share x its mass, which is content x dry mass; `without`
                  takes components off a price of the whole mass
capital           annuity of an investment, I q / (1 - (1 + q)^-n) with interest q and n years of 365 d, or I / n without interest; of a
                  reporting year, as is upkeep (a share of the investment)
cost by group     use goes to the group that uses, feed to the group of its source, waste and products to the groups that fill the sink by
                  mass, people and investments to their `group`; an investment of a station to the station's
per t             cost of the functional unit's groups (all, if it names none) and its part of shared groups, as for carbon
margin            revenue less cost, of what has a price; what has none is listed
*                 rests on an estimate
)"},
};

}  // namespace

std::span<const Term> terms() { return glossary; }

}  // namespace retwin
