// The embedded store with 10,000 keys: "NAME MICROSECONDS" lines of what a release of one key takes.
// usage: kms_bench FOLDER [KEYS]
#include <algorithm>
#include <chrono>
#include <iostream>
#include <random>

#include "base/encoding.h"
#include "base/posix_files.h"
#include "kms/embedded_store.h"

namespace {

using Clock = std::chrono::steady_clock;

double microseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

kms::KeyName name_of(unsigned number) {
  return kms::KeyName::parse("worker/" + std::to_string(number) + "/root");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : ".";
  const unsigned keys = argc > 2 ? static_cast<unsigned>(std::stoul(argv[2])) : 10000;
  const base::TenantId tenant{"bench"};
  const kms::Measurement measurement(96, 'a');
  base::write_file_atomically(folder + "/kek", base::base64(base::Buffer(32, 7)), 0600);
  const kms::FileStoreOptions options{tenant, folder + "/keys.sqlite", 0};
  {
    kms::FileStore store = kms::open_embedded_store(options, kms::read_key_encryption_key(folder + "/kek"));
    const auto begin = Clock::now();
    for (unsigned i = 0; i < keys; ++i) store.keys.create(name_of(i), {tenant, base::Pool::worker, i, {measurement}});
    std::cout << "create-mean " << microseconds_since(begin) / keys << "\n";
  }
  auto begin = Clock::now();
  kms::FileStore store = kms::open_embedded_store(options, kms::read_key_encryption_key(folder + "/kek"));
  std::cout << "open " << microseconds_since(begin) << "\n";
  std::mt19937 random(6);  // the same order every time
  std::vector<double> times;
  for (unsigned i = 0; i < 5 * keys; ++i) {
    const unsigned guest = static_cast<unsigned>(random()) % keys;
    begin = Clock::now();
    const auto released = store.keys.release(name_of(guest), {{tenant, base::Pool::worker, guest}, measurement});
    times.push_back(microseconds_since(begin));
    if (!std::holds_alternative<base::Secret>(released)) return 1;
  }
  std::sort(times.begin(), times.end());
  std::cout << "release-median " << times[times.size() / 2] << "\nrelease-p99 " << times[times.size() * 99 / 100]
            << "\nrelease-worst " << times.back() << "\n";
}
