#pragma once
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <vector>

namespace bench {

/// Prints "NAME MICROSECONDS": the median of so many runs.
inline void print_median(const char* name, unsigned repeats, const std::function<void()>& run) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  for (unsigned i = 0; i < repeats; ++i) {
    const auto begin = Clock::now();
    run();
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  std::nth_element(times.begin(), times.begin() + repeats / 2, times.end());
  std::cout << name << " " << times[repeats / 2] << "\n";
}

}  // namespace bench
