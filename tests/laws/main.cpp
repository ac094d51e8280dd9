// Runs the laws: what must hold for every station, every plant and every feed.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
