// Bounds in comments: what is not known is not printed as a number.
#include "core/stats/bounds.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace retwin::bounds_test {

TEST_CASE("bounds as text: a side that is open is left out, bounds that are not known are") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(bounds_text({2, 1, 3}, 4) == " (1 ... 3)");
  CHECK(bounds_text({7200, 3600, 10800}, 4, 3600) == " (1 ... 3)");
  CHECK(bounds_text({2, 1, infinity}, 4) == " (1 ... )");
  CHECK(bounds_text({}, 4).empty());
}

}  // namespace retwin::bounds_test
