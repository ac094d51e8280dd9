// Rules on masses: what came out over what went in, against what is asked for.
#include "core/kpi/accounts.hpp"

namespace retwin {
namespace {

double mass_counted(const Window& window, const std::vector<Counted>& places) {
  double kg = 0;
  for (const Counted& counted : places)
    for (const std::string& of : counted.of)
      for (std::size_t c = 0; c < counted.share.size(); ++c)
        if (counted.share[c] != 0) kg += counted.share[c] * window.mass_through(of, c).value_or(0);
  return kg;
}

}  // namespace

void compliance_kpis(const KpiInput& in, KpiList& out) {
  if (!in.reporting.accounts) return;
  for (const MassRule& rule : in.reporting.accounts->rules) {
    const std::string at = "compliance." + rule.name + ".";
    const double mass = mass_counted(in.window, rule.out), of = mass_counted(in.window, rule.in), target = rule.on(in.window.plant().day0).share;
    const std::string doc = rule.kind + (rule.rule.empty() ? "" : ", " + rule.rule) + (rule.doc.empty() ? "" : ": " + rule.doc);
    out.ratio(at + "value", mass, of, "1", doc, rule.about.estimate);
    out.ratio(at + "target", of > 0 ? target : 0, of > 0 ? 1 : 0, "1", std::string(rule.at_most ? "largest" : "least") + " share on the first day of the run, or the first that is coming");
    out.ratio(at + "margin", 100 * (rule.at_most ? target * of - mass : mass - target * of), of, "points", "by which it is kept; below 0: missed", rule.about.estimate);
  }
}

}  // namespace retwin
