// Each limit is two linear forms over the components.
#include "core/flow/matter/specification.hpp"

#include <algorithm>

#include "core/base/confidence.hpp"

namespace retwin {
namespace {

constexpr const char* const bases[] = {"dry", "all"};

class Reader {
 public:
  Reader(Binder& binder, const std::string& document) : binder_(binder), substances_(binder.substances()) { spec_.name = document; }

  Specification read() {
    const Node& document = binder_.library(spec_.name);
    if (document.entries.empty()) return spec_;  // a missing one has been reported
    std::vector<Located> without;
    int confidence = -1;
    read_fields(document, spec_.name, binder_.problems(), [&](Fields& f) {
      f.text("doc", spec_.doc, "what it is for");
      f.required().text("source", spec_.source, "where its limits are from");
      f.count("year", spec_.year, Range::any(), "year of the source");
      f.choice_index("confidence", confidence, confidences, "quality of the source");
      f.names("without", without, "components that are left out: shares are of dry matter");
      leave_out(without);
      f.map("limits", [this](const std::string& name, const Place& place, Fields& g) { add(name, place, g); }, "shares of elements or components, and what they may be");
    });
    spec_.confidence = confidence < 0 ? "" : confidences[confidence];
    if (spec_.limits.empty()) binder_.problems().error(Code::library, document.place, spec_.name, "a specification has limits", "for instance limits: {Na: {most: 0.025 %}}");
    return spec_;
  }

 private:
  void leave_out(const std::vector<Located>& components) {
    dry_.assign(substances_.size(), 1.0);
    for (const Located& name : components)
      if (const int c = substances_.component(name.text); c >= 0) dry_[static_cast<std::size_t>(c)] = 0;
      else binder_.problems().error(Code::unknown_name, name.place, spec_.name + ".without", "no component is called " + name.text, "name components of the library");
  }
  /// Adds what a name stands for to a linear form.
  bool put(const std::string& what, const Place& place, std::vector<double>& part) {
    const auto& elements = substances_.elements;
    const auto element = static_cast<std::size_t>(std::find(elements.begin(), elements.end(), what) - elements.begin());
    const int component = substances_.component(what);
    if (element == elements.size() && component < 0) {
      binder_.problems().error(Code::unknown_name, place, spec_.name + ".limits", what + " is neither an element nor a component", "name one, or several joined by +");
      return false;
    }
    for (std::size_t c = 0; c < part.size(); ++c)
      part[c] += element < elements.size() ? substances_.fraction[c * elements.size() + element] : static_cast<int>(c) == component ? 1 : 0;
    return true;
  }
  void add(const std::string& name, const Place& place, Fields& f) {
    std::optional<double> least, most;
    int of = 0;
    f.quantity("least", least, dimension::none, Range::share(), "least share");
    f.quantity("most", most, dimension::none, Range::share(), "largest share");
    f.choice_index("of", of, bases, "of the mass without what is left out, or of all of it");
    Limit limit;
    limit.name = name;
    limit.part.assign(dry_.size(), 0.0);
    limit.of = of == 0 ? dry_ : std::vector<double>(dry_.size(), 1.0);
    for (std::size_t at = 0; at <= name.size();) {
      const std::size_t end = std::min(name.find('+', at), name.size());
      if (!put(name.substr(at, end - at), place, limit.part)) return;
      at = end + 1;
    }
    for (std::size_t c = 0; c < dry_.size(); ++c)
      if (limit.of[c] == 0) limit.part[c] = 0;  // what is left out has no part either
    const std::string path = spec_.name + ".limits." + name;
    if (!least && !most) binder_.problems().error(Code::missing, place, path, "neither least nor most is given", "write for instance {most: 0.025 %}");
    if (least && most && *least > *most) binder_.problems().error(Code::range, place, path, "least is above most", "nothing could meet that");
    limit.least = least.value_or(limit.least);
    limit.most = most.value_or(limit.most);
    spec_.limits.push_back(std::move(limit));
  }

  Binder& binder_;
  const Substances& substances_;
  Specification spec_;
  std::vector<double> dry_;
};

}  // namespace

double Limit::share(std::span<const double> kg) const {
  double mine = 0, all = 0;
  for (std::size_t c = 0; c < kg.size() && c < part.size(); ++c) mine += part[c] * kg[c], all += of[c] * kg[c];
  return all > 0 ? mine / all : std::numeric_limits<double>::quiet_NaN();
}

std::string Limit::word() const {
  std::string word = name;
  std::replace(word.begin(), word.end(), '+', '_');
  return word;
}

bool Specification::met(std::span<const double> kg) const {
  return std::all_of(limits.begin(), limits.end(), [&](const Limit& limit) { return limit.admits(limit.share(kg)); });
}

Specification read_specification(Binder& binder, const std::string& document) { return Reader(binder, document).read(); }

}  // namespace retwin
