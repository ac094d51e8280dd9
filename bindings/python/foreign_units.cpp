// Unit operations that are Python classes: what they declare, and the job and the material as they see them.
#include <pybind11/stl.h>

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "bindings/python/foreign.hpp"
#include "core/base/units.hpp"
#include "core/scenario/specs/engine_units.hpp"

namespace retwin::python {
namespace {

/// A number that the scenario file may give: its unit for Python, its default in SI.
struct Parameter {
  std::string name, doc;
  Quantity unit;
  double value = 0;
};

/// A named thing of the plant, by the unit in which Python has it.
struct Slot {
  std::string name;
  Quantity unit;
  std::vector<std::string> categories;  ///< of an attribute
  int index = -1;                       ///< once bound
};

struct Declared {
  std::string name;
  std::vector<PortInfo> ports;
  std::vector<Parameter> parameters;
  std::vector<Slot> attributes, flows, kinds, components;
  bool has_duration = false;
};

const Slot* find(const std::vector<Slot>& slots, const std::string& name) {
  for (const Slot& slot : slots)
    if (slot.name == name) return &slot;
  return nullptr;
}

const Slot& need(const std::vector<Slot>& slots, const std::string& name, const char* what) {
  if (const Slot* slot = find(slots, name)) return *slot;
  throw py::key_error(name + " is not among the " + what + " that the unit operation declares");
}

/// Material on its way, for as long as its job. Taken up by the verb that it is given to.
struct Portion {
  std::optional<Material> material;
};
using Matter = std::shared_ptr<Portion>;

/// A job while Python looks at it; afterwards every verb raises.
class JobView {
 public:
  JobView(const Declared& declared, const Job& job, Job* to_change)
      : declared_(declared), job_(&job), change_(to_change), gone_(static_cast<std::size_t>(job.inputs()), false),
        draws_(to_change != nullptr ? 0 : draws_of_duration) {}

  void close() {
    for (const Matter& matter : matters_) matter->material.reset();  // what is left leaks: the verdict on the job tells
    job_ = nullptr;
    change_ = nullptr;
  }

  int lots() const { return job().inputs(); }
  double duration_s() const { return job().duration_s(); }
  double uniform() { return job().uniform(draws_++); }

  py::object attribute(int lot, const std::string& name) const {
    const Slot& slot = need(declared_.attributes, name, "attributes");
    const double value = job().attribute(open(lot), slot.index);
    if (slot.categories.empty()) return py::float_(value / slot.unit.value);
    const auto index = static_cast<std::size_t>(value);
    return value >= 0 && index < slot.categories.size() ? py::object(py::str(slot.categories[index])) : py::none();
  }
  double mass(int lot) const { return job().mass(open(lot)); }
  py::object kind(int lot) const {
    const int kind = job().kind(open(lot));
    for (const Slot& slot : declared_.kinds)
      if (slot.index == kind) return py::str(slot.name);
    return py::none();
  }
  std::uint64_t identity(int lot) const { return job().identity(open(lot)); }
  py::dict masses(int lot) const { return by_component(job().masses(open(lot))); }

  void set_attribute(int lot, const std::string& name, const py::object& value) {
    const Slot& slot = need(declared_.attributes, name, "attributes");
    change().set_attribute(open(lot), slot.index, as_number(slot, value));
  }
  void pass_on(int lot, const std::string& port, const std::optional<Matter>& matter) {
    Job& job = change();
    const int at = port_of(port);
    if (matter) job.pass_with(leaves(lot), at, up(*matter));
    else job.pass(leaves(lot), at);
  }
  void end(int lot) { change().end(leaves(lot)); }
  Matter take(int lot) { return keep(change().take(open(lot))); }
  Matter create(const std::string& component, double kg, const std::string& flow) {
    if (!(kg >= 0)) throw py::value_error("what is created has a mass of 0 or more");
    const int metered = flow.empty() ? -1 : need(declared_.flows, flow, "flows").index;
    return keep(change().create(need(declared_.components, component, "components").index, kg, metered));
  }
  void make(const std::string& kind, const std::string& port, const std::optional<Matter>& matter, int parent, const py::dict& attributes) {
    Job& job = change();
    const int index = need(declared_.kinds, kind, "kinds").index, at = port_of(port);
    std::vector<std::pair<int, double>> values;
    for (const auto& [name, value] : attributes) {
      const Slot& slot = need(declared_.attributes, name.cast<std::string>(), "attributes");
      values.emplace_back(slot.index, as_number(slot, py::reinterpret_borrow<py::object>(value)));
    }
    const int output = matter ? job.make(index, at, up(*matter), known(parent)) : job.make(index, at, known(parent));
    for (const auto& [slot, value] : values) job.set_output(output, slot, value);
  }
  void meter(const std::string& flow, double amount) {
    const Slot& slot = need(declared_.flows, flow, "flows");
    change().meter(slot.index, amount * slot.unit.value);
  }
  Matter extract(const Matter& from, const py::object& share) {
    change();
    Material& whole = there(from);
    if (!py::isinstance<py::dict>(share)) return keep(whole.extract(share_of(share)));
    std::vector<double> shares(whole.masses().size(), 0.0);
    for (const auto& [name, value] : share.cast<py::dict>())
      shares.at(static_cast<std::size_t>(need(declared_.components, name.cast<std::string>(), "components").index)) =
          share_of(py::reinterpret_borrow<py::object>(value));
    return keep(whole.extract(shares));
  }
  void absorb(const Matter& into, const Matter& what) {
    if (into == what) throw py::value_error("material cannot take in itself");
    there(into).absorb(up(what));
  }
  double mass_of(const Matter& matter) const { return there(matter).mass(); }
  py::dict masses_of(const Matter& matter) const { return by_component(there(matter).masses()); }
  /// @param changes component -> kg; they sum to 0
  void transmute(const Matter& matter, const py::dict& changes) {
    Material& material = there(matter);
    for (const auto& [name, kg] : changes) {
      const Slot& slot = need(declared_.components, name.cast<std::string>(), "components");
      if (material[slot.index] + kg.cast<double>() < -1e-9 * material.mass()) throw py::value_error("there is not as much " + slot.name);
      change().transmute(material, slot.index, kg.cast<double>());
    }
  }

 private:
  static constexpr std::uint64_t draws_of_duration = 1U << 16;  ///< apart from those of `process`

  const Job& job() const {
    if (job_ == nullptr) throw std::runtime_error("this job is over: use it in duration and process only");
    return *job_;
  }
  Job& change() {
    job();
    if (change_ == nullptr) throw std::runtime_error("duration only looks: what comes out is told by process");
    return *change_;
  }
  int known(int lot) const {
    if (lot < 0 || lot >= job().inputs()) throw py::index_error("the job has " + std::to_string(job().inputs()) + " lots, from 0");
    return lot;
  }
  int open(int lot) const {
    if (gone_[static_cast<std::size_t>(known(lot))]) throw py::value_error("lot " + std::to_string(lot) + " has gone on or ended");
    return lot;
  }
  int leaves(int lot) {
    gone_[static_cast<std::size_t>(open(lot))] = true;
    return lot;
  }
  int port_of(const std::string& name) const {
    for (std::size_t k = 0; k < declared_.ports.size(); ++k)
      if (declared_.ports[k].name == name) return static_cast<int>(k);
    throw py::key_error(name + " is not among the ports that the unit operation declares");
  }
  static double share_of(const py::object& value) {
    const double share = value.cast<double>();
    if (!(share >= 0 && share <= 1)) throw py::value_error("a share lies from 0 to 1");
    return share;
  }
  static double as_number(const Slot& slot, const py::object& value) {
    if (slot.categories.empty()) return value.cast<double>() * slot.unit.value;
    const auto text = value.cast<std::string>();
    for (std::size_t k = 0; k < slot.categories.size(); ++k)
      if (slot.categories[k] == text) return static_cast<double>(k);
    throw py::value_error(text + " is none of the categories of " + slot.name);
  }
  py::dict by_component(std::span<const double> kg) const {
    py::dict out;
    for (const Slot& slot : declared_.components)
      if (static_cast<std::size_t>(slot.index) < kg.size()) out[py::str(slot.name)] = kg[static_cast<std::size_t>(slot.index)];
    return out;
  }
  Matter keep(Material&& material) {
    matters_.push_back(std::make_shared<Portion>(Portion{std::move(material)}));
    return matters_.back();
  }
  static Material& there(const Matter& matter) {
    if (!matter->material) throw py::value_error("this material has gone into something else");
    return *matter->material;
  }
  static Material up(const Matter& matter) {
    Material out = std::move(there(matter));
    matter->material.reset();
    return out;
  }

  const Declared& declared_;
  const Job* job_;
  Job* change_;  ///< null: it may only be looked at
  std::vector<bool> gone_;
  std::vector<Matter> matters_;
  std::uint64_t draws_;
};

/// A station's own copy of what the class declares, and its instance of the class.
class PythonOperation final : public UnitOperation {
 public:
  PythonOperation(std::shared_ptr<const Declared> declared, Held type) : own_(*declared), type_(std::move(type)) {}
  void fields(Fields& f) override {
    for (Parameter& one : own_.parameters) f.quantity(one.name.c_str(), one.value, one.unit.dimension, Range::any(), one.doc.c_str());
  }
  std::vector<PortInfo> ports() const override { return own_.ports; }
  void bind(Binder& binder) override {
    for (Slot& slot : own_.attributes)
      slot.index = slot.categories.empty() ? binder.attribute(slot.name, slot.unit.dimension) : binder.category(slot.name, slot.categories);
    for (Slot& slot : own_.attributes)
      if (!slot.categories.empty() && slot.index >= 0) slot.categories = binder.categories(slot.index);
    for (Slot& slot : own_.flows) slot.index = binder.flow(slot.name, slot.unit.dimension);
    for (Slot& slot : own_.kinds) slot.index = binder.kind(slot.name);
    for (Slot& slot : own_.components) slot.index = binder.component(slot.name);
    const py::gil_scoped_acquire acquire;
    py::dict parameters;
    for (const Parameter& one : own_.parameters) parameters[py::str(one.name)] = one.value / one.unit.value;
    instance_.emplace((*type_)(**parameters));
  }
  bool has_duration() const override { return own_.has_duration; }
  double duration_s(const Job& job) const override {
    const py::gil_scoped_acquire acquire;
    return seconds(see(job, nullptr, "duration").cast<Time>(), "duration");
  }
  void process(Job& job) const override {
    const py::gil_scoped_acquire acquire;
    see(job, &job, "process");
  }
  bool foreign() const override { return true; }

 private:
  py::object see(const Job& job, Job* to_change, const char* method) const {
    const auto view = std::make_shared<JobView>(own_, job, to_change);
    struct Closing {
      JobView& view;
      ~Closing() { view.close(); }
    } const closing{*view};
    return (**instance_).attr(method)(view);
  }

  Declared own_;
  Held type_;
  std::optional<Held> instance_;
};

std::vector<Slot> slots(const py::dict& given, const std::string& what) {
  std::vector<Slot> all;
  for (const auto& [name, unit] : given) {
    Slot slot{name.cast<std::string>(), {1, dimension::none}, {}};
    if (py::isinstance<py::str>(unit)) slot.unit = unit_of(unit.cast<std::string>(), what + " " + slot.name);
    else slot.categories = unit.cast<std::vector<std::string>>();
    all.push_back(std::move(slot));
  }
  return all;
}

std::vector<Slot> slots(const std::vector<std::string>& names) {
  std::vector<Slot> all;
  for (const std::string& name : names) all.push_back({name, {1, dimension::none}, {}});
  return all;
}

void add_unit_operation(const std::string& name, const std::string& doc, const std::string& sha256, const py::dict& ports,
                        const std::vector<std::tuple<std::string, double, std::string>>& parameters, const py::dict& attributes,
                        const py::dict& flows, const std::vector<std::string>& kinds, const std::vector<std::string>& components,
                        bool has_duration, const py::object& type) {
  const auto known = registry().unit_operations.find(name);
  if (engine_unit(name) != nullptr || (known != registry().unit_operations.end() && known->second.sha256.empty()))
    throw py::value_error(name + " is a unit operation of retwin: give it another name");
  auto made = std::make_shared<Declared>();
  made->name = name;
  for (const auto& [port, means] : ports) made->ports.push_back({port.cast<std::string>(), means.cast<std::string>(), false});
  for (const auto& [parameter, value, unit] : parameters) {
    const Quantity one = unit_of(unit, "parameter " + parameter);
    made->parameters.push_back({parameter, "parameter of " + name, one, value * one.value});
  }
  made->attributes = slots(attributes, "attribute");
  made->flows = slots(flows, "flow");
  made->kinds = slots(kinds);
  made->components = slots(components);
  made->has_duration = has_duration;
  change_registry([&](Registry& all) {
    all.unit_operations[name] = {doc, "", [made, held = Held(type)] { return std::make_unique<PythonOperation>(made, held); }, sha256};
  });
}

}  // namespace

void declare_foreign_units(py::module_& module) {
  module.def("_add_unit_operation", add_unit_operation, py::arg("name"), py::arg("doc"), py::arg("sha256"), py::arg("ports"),
             py::arg("parameters"), py::arg("attributes"), py::arg("flows"), py::arg("kinds"), py::arg("components"), py::arg("has_duration"),
             py::arg("type"), "For retwin.unit_operation.");
  using namespace py::literals;
  py::class_<Portion, Matter>(module, "Material", "Material on its way through a job, see Job.take.");
  py::class_<JobView, std::shared_ptr<JobView>>(module, "Job", R"(One job as a unit operation written in Python sees it; lots are numbered from 0.

Only within `duration` (which may look) and `process` (which says what comes out). Every lot must be passed on or ended, and all
material that was taken must go into something: else the run stops with a RunError that says what is missing. Names must be among
those that the class declares; a verb that cannot be raises KeyError, IndexError or ValueError.)")
      .def("__len__", &JobView::lots)
      .def_property_readonly("duration_s", &JobView::duration_s, "Time that the job took [s]; only in process.")
      .def("uniform", &JobView::uniform, "The next draw of this job in (0, 1): the same in every run with its seed.")
      .def("attribute", &JobView::attribute, "lot"_a, "name"_a, "In the unit declared; a category as text, None where the lot has none.")
      .def("set_attribute", &JobView::set_attribute, "lot"_a, "name"_a, "value"_a, "In the unit declared.")
      .def("mass", &JobView::mass, "lot"_a, "[kg]")
      .def("masses", &JobView::masses, "lot"_a, "Of the components declared: name -> kg.")
      .def("kind", &JobView::kind, "lot"_a, "Its kind, if that is among the kinds declared; else None.")
      .def("identity", &JobView::identity, "lot"_a, "Number of the lot.")
      .def("pass_on", &JobView::pass_on, "lot"_a, "port"_a = "out", py::kw_only(), "material"_a = py::none(),
           "The lot goes on through a port, with this material now in it.")
      .def("end", &JobView::end, "lot"_a, "The lot is no more; its material must have been taken.")
      .def("take", &JobView::take, "lot"_a, "All material of a lot.")
      .def("create", &JobView::create, "component"_a, "kg"_a, "flow"_a = "", "A reagent from outside (or a tank), metered as the flow.")
      .def("make", &JobView::make, "kind"_a, "port"_a = "out", py::kw_only(), "material"_a = py::none(), "parent"_a = 0,
           "attributes"_a = py::dict(), "A new lot through a port, its attributes those of the lot `parent` but for those given.")
      .def("meter", &JobView::meter, "flow"_a, "amount"_a, "Use of a flow, in the unit declared.")
      .def("extract", &JobView::extract, "material"_a, "share"_a,
           "Splits a share (0 to 1) off, of everything or, as a dict, of components by name.")
      .def("absorb", &JobView::absorb, "into"_a, "material"_a, "Puts material into other material.")
      .def("mass_of", &JobView::mass_of, "material"_a, "[kg]")
      .def("masses_of", &JobView::masses_of, "material"_a, "Of the components declared: name -> kg.")
      .def("transmute", &JobView::transmute, "material"_a, "changes"_a,
           "Changes components by kg (name -> kg); over the job these sum to 0, by mass and by element.");
}

}  // namespace retwin::python
