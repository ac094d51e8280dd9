// Everything that the doors offer by name: what every plant has, then this domain.
#include "core/report/report.hpp"
#include "core/scenario/scenario.hpp"
#include "core/telemetry/readers/read_log.hpp"
#include "models/models.hpp"

namespace retwin {

Registry whole_registry() {
  Registry all;
  register_basic_operations(all);
  register_reports(all);
  register_log_readers(all);
  register_models(all);
  return all;
}

}  // namespace retwin
