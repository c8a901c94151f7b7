#pragma once
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "guest/tsm_report.h"

/// The kernel's folder of attestation reports. It behaves as Linux 6.12 does (drivers/virt/coco/tsm.c,
/// fs/configfs/file.c): a report is made at the first read after a write, writes are counted, and bytes that the kernel
/// does not take when the file is closed are dropped without a word.
namespace fakes {

/// The machine below it, which the folder and the test share.
struct TsmMachine {
  std::string provider = "sev_guest";
  /// Makes the report over these 64 bytes.
  std::function<base::Buffer(base::Bytes inblob)> make_report;
  std::optional<base::Buffer> auxblob;              ///< nullopt: this provider has no such attribute
  std::deque<std::errc> failures;                   ///< of the next reports that are to be made
  std::function<void(std::string)> before_outblob;  ///< what happens between write and read; is told the entry
  bool deaf = false;                                ///< drops what is written
  unsigned made = 0;                                ///< reports

  struct Entry {
    base::Buffer inblob, outblob;
    std::uint64_t written = 0, read = 0;
  };
  std::map<std::string, Entry> entries;
};

class Tsm final : public guest::TsmFolder {
 public:
  explicit Tsm(TsmMachine& machine) : machine_(machine) {}

  std::error_code make_entry(const std::string& name) override {
    if (machine_.provider.empty()) return std::make_error_code(std::errc::no_such_device_or_address);
    const bool added = machine_.entries.try_emplace(name).second;
    return added ? std::error_code() : std::make_error_code(std::errc::file_exists);
  }
  std::error_code remove_entry(const std::string& name) override {
    return machine_.entries.erase(name) != 0 ? std::error_code() : absent();
  }
  std::error_code read(const std::string& name, const std::string& attribute, base::Buffer& into) override {
    const auto entry = machine_.entries.find(name);
    if (entry == machine_.entries.end()) return absent();
    if (attribute == "provider") return line(machine_.provider, into);
    if (attribute == "generation") return line(std::to_string(entry->second.written), into);
    if (attribute == "outblob" && machine_.before_outblob) machine_.before_outblob(name);
    if (attribute == "auxblob" && !machine_.auxblob) return absent();
    if (attribute != "outblob" && attribute != "auxblob") return absent();
    if (const auto error = refresh(entry->second)) return error;
    into = attribute == "outblob" ? entry->second.outblob : *machine_.auxblob;
    return {};
  }
  std::error_code write(const std::string& name, const std::string& attribute, base::Bytes value) override {
    const auto entry = machine_.entries.find(name);
    if (entry == machine_.entries.end() || attribute != "inblob") return absent();
    if (value.size() > guest::TsmReporter::data_size) return std::make_error_code(std::errc::file_too_large);
    if (machine_.deaf) return {};
    entry->second.inblob = base::buffer_of(value);
    ++entry->second.written;
    return {};
  }

 private:
  static std::error_code absent() { return std::make_error_code(std::errc::no_such_file_or_directory); }
  static std::error_code line(const std::string& text, base::Buffer& into) {
    into = base::buffer_of(base::bytes_of(text + "\n"));
    return {};
  }
  std::error_code refresh(TsmMachine::Entry& entry) {
    if (entry.inblob.size() != guest::TsmReporter::data_size) return std::make_error_code(std::errc::invalid_argument);
    if (entry.read == entry.written && !entry.outblob.empty()) return {};
    if (!machine_.failures.empty()) {
      const std::errc error = machine_.failures.front();
      machine_.failures.pop_front();
      return std::make_error_code(error);
    }
    ++machine_.made;
    entry.outblob = machine_.make_report(entry.inblob);
    entry.read = entry.written;
    return {};
  }

  TsmMachine& machine_;
};

/// A reporter of this machine; its pauses are written down and do not pass.
inline guest::TsmReporter reporter(TsmMachine& machine, const std::string& provider,
                                   std::vector<std::chrono::milliseconds::rep>* pauses = nullptr) {
  guest::TsmPatience patience;
  patience.wait = [pauses](std::chrono::milliseconds pause) {
    if (pauses != nullptr) pauses->push_back(pause.count());
  };
  return {std::make_unique<Tsm>(machine), provider, std::move(patience)};
}

}  // namespace fakes
