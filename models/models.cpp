// The list of unit operations, kinds of lots, KPIs and exporters, one line each.
#include "models/models.hpp"

#include "models/materials/components.hpp"

// One line per unit operation: X(name) is defined by make_name() in models/stations.
#define RETWIN_UNIT_OPERATIONS(X) \
  X(inspect)                      \
  X(vision_triage)                \
  X(hold)                         \
  X(quarantine)                   \
  X(pack_screen)                  \
  X(capacity_test)                \
  X(refurbish)                    \
  X(final_test)                   \
  X(dismantle)                    \
  X(assemble)                     \
  X(regen_discharge)              \
  X(salt_bath)                    \
  X(cut_sort)                     \
  X(shred)                        \
  X(pyrolyse)                     \
  X(sorting_train)                \
  X(sieve)                        \
  X(magnet)                       \
  X(air_sort)                     \
  X(eddy_current)                 \
  X(offgas)                       \
  X(leach)                        \
  X(filter_press)                 \
  X(purify)                       \
  X(solvent_extraction)           \
  X(crystallise)                  \
  X(hydroxide)                    \
  X(evaporate)                    \
  X(precipitate)                  \
  X(dry_pack)                     \
  X(everbatt)                     \
  X(assay)                        \
  X(relithiate)                   \
  X(wastewater)

// One line per kind of lot: X(name) is defined by make_name_lot() in models/lots.
#define RETWIN_LOTS(X) \
  X(pack)              \
  X(module)            \
  X(cell)              \
  X(black_mass)        \
  X(cathode_sheet)     \
  X(truck)

// One line per KPI: X(name) is defined by make_name_kpi() in models/kpis.
#define RETWIN_KPIS(X) \
  X(balance)           \
  X(recovery)

// One line per exporter: X(name) is defined by make_name_exporter() in models/exporters.
#define RETWIN_EXPORTERS(X) \
  X(balance)                \
  X(elements)

namespace retwin {

#define RETWIN_DECLARE(name) Maker<UnitOperation> make_##name();
RETWIN_UNIT_OPERATIONS(RETWIN_DECLARE)
#undef RETWIN_DECLARE
#define RETWIN_DECLARE(name) Maker<LotMaker> make_##name##_lot();
RETWIN_LOTS(RETWIN_DECLARE)
#undef RETWIN_DECLARE
#define RETWIN_DECLARE(name) KpiEntry make_##name##_kpi();
RETWIN_KPIS(RETWIN_DECLARE)
#undef RETWIN_DECLARE
#define RETWIN_DECLARE(name) Exporter make_##name##_exporter();
RETWIN_EXPORTERS(RETWIN_DECLARE)
#undef RETWIN_DECLARE

void register_models(Registry& registry) {
#define RETWIN_ADD(name) registry.unit_operations.insert_or_assign(#name, make_##name());
  RETWIN_UNIT_OPERATIONS(RETWIN_ADD)
#undef RETWIN_ADD
#define RETWIN_ADD(name) registry.lots.insert_or_assign(#name, make_##name##_lot());
  RETWIN_LOTS(RETWIN_ADD)
#undef RETWIN_ADD
#define RETWIN_ADD(name) registry.kpis.insert_or_assign(#name, make_##name##_kpi());
  RETWIN_KPIS(RETWIN_ADD)
#undef RETWIN_ADD
#define RETWIN_ADD(name) registry.exporters.push_back(make_##name##_exporter());
  RETWIN_EXPORTERS(RETWIN_ADD)
#undef RETWIN_ADD
  registry.substances = read_substances;
}

}  // namespace retwin
