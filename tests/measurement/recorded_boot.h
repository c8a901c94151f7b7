#pragma once
#include <sstream>

#include "measurement/boot_events.h"
#include "tests/measurement/test_files.h"

namespace measurement {

/// One boot of tests/data/measurement/boots: what the TPM and its log said.
struct RecordedBoot {
  std::string command_line;
  std::uint64_t initrd_size = 0;
  BankDigests initrd;
  std::vector<BootEvent> events;  ///< `what` is empty and `provenance` unpredictable
  PcrValues pcrs;
};

inline RecordedBoot read_boot(const std::string& name) {
  std::ifstream in(testing_files::data() / "boots" / name);
  RecordedBoot boot;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string key, a, b;
    words >> key;
    if (key == "command-line") boot.command_line = line.substr(key.size() + 1);
    if (key == "initrd") {
      words >> boot.initrd_size >> a >> b;
      boot.initrd = {base::Sha256::parse(a).value(), base::Sha384::parse(b).value()};
    }
    if (key == "event") {
      BootEvent event;
      words >> event.pcr >> event.type >> a >> b;
      event.sha256 = base::Sha256::parse(a).value();
      event.sha384 = base::Sha384::parse(b).value();
      boot.events.push_back(event);
    }
    unsigned pcr = 0;
    if (key == "pcr" && words >> a >> pcr >> b) {
      if (a == "sha256")
        boot.pcrs.sha256[pcr] = base::Sha256::parse(b).value();
      else
        boot.pcrs.sha384[pcr] = base::Sha384::parse(b).value();
    }
  }
  return boot;
}

}  // namespace measurement
