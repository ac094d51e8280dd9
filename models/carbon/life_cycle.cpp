// A sparse LU of the technosphere (Eigen).
#include "models/carbon/life_cycle.hpp"

#include <fmt/format.h>

#include <Eigen/SparseLU>
#include <algorithm>
#include <cmath>

#include "core/base/files.hpp"

namespace retwin {
namespace {

using Matrix = Eigen::SparseMatrix<double>;

class Reader {
 public:
  Reader(std::string folder, Problems& problems) : folder_(std::move(folder)), problems_(problems) {}

  ProcessSystem read() {
    each("processes.csv", {"process", "unit"}, [&](const CsvReader& csv, int name, int unit, int) {
      if (!index_.emplace(csv.cell(name), system_.processes.size()).second)
        return problem(Code::duplicate, csv.place(name), csv.cell(name) + " is there already", "each process has a product of its own");
      system_.processes.push_back(csv.cell(name));
      system_.units.push_back(csv.cell(unit));
      system_.technosphere.push_back({index_.size() - 1, index_.size() - 1, 1});
    });
    each("technosphere.csv", {"process", "input", "amount"}, [&](const CsvReader& csv, int process, int input, int amount) {
      const auto from = find(csv, input), to = find(csv, process);
      const auto value = number(csv, amount);
      if (from && to && value) system_.technosphere.push_back({*from, *to, -*value});
    });
    std::map<std::string, std::size_t> flows;
    each("weights.csv", {"flow", "kg_CO2e"}, [&](const CsvReader& csv, int flow, int weight, int) {
      if (!flows.emplace(csv.cell(flow), system_.flows.size()).second) return problem(Code::duplicate, csv.place(flow), csv.cell(flow) + " is there already", "one weight a flow");
      system_.flows.push_back(csv.cell(flow));
      system_.weights.push_back(number(csv, weight).value_or(0));
    });
    each("biosphere.csv", {"process", "flow", "amount"}, [&](const CsvReader& csv, int process, int flow, int amount) {
      const auto by = find(csv, process);
      const auto of = flows.find(csv.cell(flow));
      if (of == flows.end()) return problem(Code::unknown_name, csv.place(flow), csv.cell(flow) + " has no weight", "give it one in weights.csv, 0 if it does not warm");
      const auto value = number(csv, amount);
      if (by && value) system_.biosphere.push_back({of->second, *by, *value});
    });
    if (system_.processes.empty() && !problems_.any_errors()) problem(Code::missing, {path("processes.csv"), 1, 1, 1, ""}, "there are no processes", "a row for each");
    return std::move(system_);
  }

 private:
  std::string path(const char* file) const { return folder_ + "/" + file; }
  void problem(Code code, const Place& place, const std::string& what, const std::string& hint) { problems_.error(code, place, "background", what, hint); }
  std::optional<std::size_t> find(const CsvReader& csv, int column) {
    const auto found = index_.find(csv.cell(column));
    if (found != index_.end()) return found->second;
    problem(Code::unknown_name, csv.place(column), "no process is called " + csv.cell(column), "name one of processes.csv");
    return std::nullopt;
  }
  std::optional<double> number(const CsvReader& csv, int column) {
    const std::optional<double> value = number_of(csv.cell(column));
    constexpr double largest = 1e30;  // beyond any plant; products of a few larger ones would be no numbers
    if (value && std::abs(*value) <= largest) return value;
    problem(value ? Code::range : Code::trace, csv.place(column), "\"" + csv.cell(column) + (value ? "\" is beyond any plant" : "\" is not a number"),
            "an amount in the unit of the row's product or flow");
    return std::nullopt;
  }
  template <class Row>
  void each(const char* file, std::vector<const char*> names, Row row) {
    CsvReader csv(path(file), problems_);
    if (!csv.open()) return;
    int columns[3] = {-1, -1, -1};
    for (std::size_t k = 0; k < names.size(); ++k) {
      columns[k] = csv.column(names[k]);
      if (columns[k] < 0) return problem(Code::missing, {path(file), 1, 1, 1, ""}, fmt::format("there is no column {}", names[k]), "see retwin carbon --help");
    }
    while (csv.next()) row(csv, columns[0], columns[1], columns[2]);
  }

  std::string folder_;
  Problems& problems_;
  ProcessSystem system_;
  std::map<std::string, std::size_t> index_;
};

Matrix matrix(const std::vector<Exchange>& entries, std::size_t rows, std::size_t columns) {
  std::vector<Eigen::Triplet<double>> all;
  for (const Exchange& e : entries) all.emplace_back(static_cast<int>(e.row), static_cast<int>(e.column), e.amount);
  Matrix m(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns));
  m.setFromTriplets(all.begin(), all.end());
  m.makeCompressed();
  return m;
}

}  // namespace

ProcessSystem ProcessSystem::read(const std::string& folder, Problems& problems) { return Reader(folder, problems).read(); }

struct LifeCycle::Solver {
  Matrix A;
  Eigen::VectorXd direct;  ///< kg CO2e of a unit of each process: C B
  Eigen::SparseLU<Matrix> lu;
};

LifeCycle::LifeCycle(ProcessSystem system) : system_(std::move(system)), solver_(std::make_unique<Solver>()) {
  const std::size_t n = system_.processes.size();
  solver_->A = matrix(system_.technosphere, n, n);
  const Matrix B = matrix(system_.biosphere, system_.flows.size(), n);
  solver_->direct = B.transpose() * Eigen::Map<const Eigen::VectorXd>(system_.weights.data(), static_cast<Eigen::Index>(system_.weights.size()));
  solver_->lu.compute(solver_->A);
  bool sound = solver_->lu.info() == Eigen::Success;
  std::size_t worst = 0;
  if (sound) {  // a matrix that is singular but for rounding gives a solution that does not solve
    const Eigen::VectorXd ones = Eigen::VectorXd::Ones(static_cast<Eigen::Index>(n)), x = solver_->lu.solve(ones);
    const Eigen::VectorXd off = (solver_->A * x - ones).cwiseAbs();
    Eigen::Index at = 0;
    sound = x.allFinite() && off.maxCoeff(&at) < 1e-6 && x.cwiseAbs().maxCoeff() < 1e12;
    x.cwiseAbs().maxCoeff(&at);
    worst = static_cast<std::size_t>(at);
    // where all that a process takes is taken, and nothing returned, more of everything takes more of each process
    const bool takes = std::all_of(system_.technosphere.begin(), system_.technosphere.end(), [](const Exchange& e) { return e.row == e.column || e.amount <= 0; });
    if (sound && takes && x.minCoeff(&at) < 0) sound = false, worst = static_cast<std::size_t>(at);
  } else {
    for (std::size_t k = 0; k < n; ++k)
      if (!(solver_->A.coeff(static_cast<int>(k), static_cast<int>(k)) > 0)) worst = k;
  }
  if (!sound)
    refuse(Code::conflict, "background", fmt::format("the technosphere is singular, or cannot supply itself: processes need as much of one another as they make, or more, {} among them", system_.processes[worst]),
           "look for a process that takes all of its own product, or for two that take each other's");
}

LifeCycle::~LifeCycle() = default;

Impact LifeCycle::of(const std::vector<double>& demand) const {
  const Eigen::VectorXd s = solver_->lu.solve(Eigen::Map<const Eigen::VectorXd>(demand.data(), static_cast<Eigen::Index>(demand.size())));
  Impact impact;
  impact.scaling.assign(s.data(), s.data() + s.size());
  for (std::size_t k = 0; k < impact.scaling.size(); ++k) {
    const double kg = solver_->direct[static_cast<Eigen::Index>(k)] * impact.scaling[k];
    impact.kg += kg;
    if (kg != 0) impact.by_process.emplace_back(k, kg);
  }
  std::stable_sort(impact.by_process.begin(), impact.by_process.end(), [](const auto& a, const auto& b) { return std::abs(a.second) > std::abs(b.second); });
  return impact;
}

std::vector<double> LifeCycle::intensities() const {
  const Matrix transposed = solver_->A.transpose();
  const Eigen::SparseLU<Matrix> lu(transposed);
  const Eigen::VectorXd h = lu.solve(solver_->direct);
  return {h.data(), h.data() + h.size()};
}

}  // namespace retwin
