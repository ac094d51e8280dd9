// Time on duty that two calendars have in common.
#include "core/ledger/rules_and_prices.hpp"

#include <algorithm>

namespace retwin {

double paid_duty_s(const Plant& plant, const PriceLine& line, double a, double b) {
  double sum = 0;
  for (const PoolShift& shift : plant.pools[line.index].shifts) {
    const ShiftCalendar always, &on = shift.calendar == none ? always : plant.calendars[shift.calendar], &during = line.during ? *line.during : always;
    for (double at = a; at < b;) {
      const double next = std::min({b, on.next_change(at), during.next_change(at)});
      if (on.on(at) && during.on(at)) sum += shift.count * (next - at);
      at = next;
    }
  }
  return sum;
}

}  // namespace retwin
