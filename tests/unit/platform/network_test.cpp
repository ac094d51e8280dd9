// SimGrid in processes of its own: max-min shares, the same bytes from every process and thread, failures that are told, platform files.
#include <doctest/doctest.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <unistd.h>

#include "core/platform/network.hpp"

namespace retwin::network_test {
namespace {

const std::vector<DigitalDevice> devices{{"box", false, true, 4e10, 4, 1.5e10}, {"cell", true, true, 125e6, 1, 0}, {"uplink", true, true, 12.5e6, 1, 0}, {"backbone", true, false, 20e6, 1, 0}};
const std::vector<std::uint32_t> box{0}, both{1, 2}, cell{1}, backbone{3};
const std::vector<double> capacity{4e10, 125e6, 12.5e6, 20e6};

std::shared_ptr<const Cosimulation> network() { return simulated_network(devices, {both, cell, backbone}); }

std::vector<DigitalActivity> activities(std::size_t computations) {
  std::vector<DigitalActivity> out;
  for (std::size_t k = 0; k < computations; ++k) out.push_back({3e10 * static_cast<double>(k + 1), box});
  out.push_back({100e6, both});
  out.push_back({200e6, cell});
  out.push_back({300.5e6, cell});
  out.push_back({40e6, backbone});
  out.push_back({50e6, backbone});
  return out;
}

std::string written(const std::string& text) {
  const std::string file = (std::filesystem::temp_directory_path() / ("retwin_platform_" + std::to_string(::getpid()) + ".xml")).string();
  std::ofstream(file) << text;
  return file;
}

/// Processes that this one has started.
std::vector<pid_t> children() {
  std::vector<pid_t> out;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream list(entry.path() / "children");
    for (pid_t id; list >> id;) out.push_back(id);
  }
  return out;
}

}  // namespace

TEST_CASE("shares: cores after streams, links by the scarcest, a backbone to everybody") {
  const std::vector<double> rates = network()->rates(capacity, activities(4));
  const std::vector<double> expected{6.25e9, 6.25e9, 6.25e9, 6.25e9, 12.5e6, 56.25e6, 56.25e6, 20e6, 20e6};
  REQUIRE(rates.size() == expected.size());
  for (std::size_t k = 0; k < rates.size(); ++k) CHECK(rates[k] == doctest::Approx(expected[k]).epsilon(1e-12));
  const std::vector<double> two = network()->rates(capacity, activities(2));
  CHECK(two[0] == doctest::Approx(1e10).epsilon(1e-12));  // a core each
  std::vector<double> less = capacity;
  less[1] = 62.5e6;
  CHECK(network()->rates(less, activities(0))[1] == doctest::Approx(25e6).epsilon(1e-12));
}

TEST_CASE("the answer depends on the question alone: other questions before it, other processes, threads") {
  const auto one = network();
  const std::vector<double> expected = one->rates(capacity, activities(7));
  for (std::size_t k = 1; k < 40; ++k) one->rates(capacity, activities(k));
  CHECK(one->rates(capacity, activities(7)) == expected);
  CHECK(network()->rates(capacity, activities(7)) == expected);
  std::vector<std::thread> threads;
  std::vector<int> same(4, 0);
  for (std::size_t t = 0; t < same.size(); ++t)
    threads.emplace_back([&, t] {
      for (int k = 0; k < 50; ++k) same[t] += one->rates(capacity, activities(7)) == expected ? 1 : 0;
    });
  for (std::thread& thread : threads) thread.join();
  for (const int count : same) CHECK(count == 50);
}

TEST_CASE("a process that dies is told, and the next question has a new one") {
  const auto one = network();
  const std::vector<double> expected = one->rates(capacity, activities(3));
  for (const pid_t child : children()) ::kill(child, SIGKILL);
  bool told = false;
  try {
    one->rates(capacity, activities(3));
  } catch (const std::runtime_error& error) {
    told = std::string(error.what()).find("signal 9") != std::string::npos;
  }
  CHECK(told);
  CHECK(one->rates(capacity, activities(3)) == expected);
  std::vector<double> nothing = capacity;
  nothing[2] = 0;  // a link that carries nothing, and is asked for: no activity ends
  CHECK_THROWS_AS(one->rates(nothing, std::vector<DigitalActivity>{{1e6, both}}), std::runtime_error);
  CHECK(one->rates(capacity, activities(3)) == expected);
}

TEST_CASE("platform files: hosts, links, routes; what is wrong is told") {
  const std::string good = R"(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1"><zone id="z" routing="Full">
<host id="A" speed="1Gf" core="4"><prop id="wattage_per_state" value="10.0:12.0:20.0"/></host><host id="B" speed="2Gf"/>
<link id="l" bandwidth="125MBps" latency="100us" sharing_policy="SPLITDUPLEX"/><link id="f" bandwidth="1GBps" latency="1ms" sharing_policy="FATPIPE"/>
<route src="A" dst="B"><link_ctn id="l" direction="UP"/><link_ctn id="f"/></route></zone></platform>
)";
  const std::string file = written(good);
  const Platform platform = read_platform(file, {{"A", "B"}, {"B", "A"}, {"A", "C"}});
  CHECK(platform.failure == "");
  REQUIRE(platform.computers.size() == 2);
  CHECK(platform.computers[0].name == "A");
  CHECK(platform.computers[0].core == 1e9);
  CHECK(platform.computers[0].cores == 4);
  CHECK(platform.computers[0].busy_W == 20);
  REQUIRE(platform.routes.size() == 2);
  CHECK(platform.routes[0].over == std::vector<std::string>{"l_UP", "f"});
  CHECK(platform.routes[1].over == std::vector<std::string>{"f", "l_DOWN"});
  CHECK(platform.routes[0].latency_s == doctest::Approx(1.1e-3));
  int shared = 0;
  for (const Platform::Link& link : platform.links) shared += link.shared ? 1 : 0;
  CHECK(shared == static_cast<int>(platform.links.size()) - 1);
  written("<platform version=\"4.1\"><zone id=");
  CHECK(read_platform(file, {}).failure != "");
  std::filesystem::remove(file);
  CHECK(read_platform(file, {}).failure.find("Unable to open") != std::string::npos);
}

}  // namespace retwin::network_test
