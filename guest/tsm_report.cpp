#include "guest/tsm_report.h"

#include <algorithm>
#include <charconv>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"

namespace guest {
namespace {

/// One entry while it is needed.
class Entry {
 public:
  Entry(TsmFolder& folder, const std::string& provider)
      : folder_(folder), provider_(provider), name_("bulkhead-" + base::hex(base::random_bytes(8))) {
    if (const auto error = folder_.make_entry(name_)) fail("make an entry", error);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() { folder_.remove_entry(name_); }

  [[noreturn]] void fail(const std::string& what, const std::error_code& error) const {
    throw base::Error(base::Kind::host, provider_ + " reports: cannot " + what + ": " + error.message());
  }
  /// An attribute of one line.
  [[nodiscard]] std::string line(const std::string& attribute) const {
    base::Buffer content;
    if (const auto error = folder_.read(name_, attribute, content)) fail("read " + attribute, error);
    std::string text = base::text_of(content);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }
  /// Counts what is written to this entry, by whomever.
  [[nodiscard]] std::uint64_t generation() const {
    const std::string text = line("generation");
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
      throw base::Error(base::Kind::host, provider_ + " reports: generation: got '" + text + "', wanted a number");
    return value;
  }
  /// The report; false when it was disturbed, `why` says by what.
  [[nodiscard]] bool try_report(base::Bytes data, TsmReport& into, std::string& why) const {
    const std::uint64_t before = generation();
    if (const auto error = folder_.write(name_, "inblob", data)) return disturbed("write inblob", error, why);
    if (const auto error = folder_.read(name_, "outblob", into.report)) return disturbed("read outblob", error, why);
    const auto error = folder_.read(name_, "auxblob", into.auxiliary);
    if (error == std::errc::no_such_file_or_directory)
      into.auxiliary.clear();  // a provider without one
    else if (error)
      return disturbed("read auxblob", error, why);
    // The kernel drops what it cannot take when inblob is closed, and then counts nothing.
    const std::uint64_t after = generation();
    if (after == before + 1) return true;
    why = "generation went from " + std::to_string(before) + " to " + std::to_string(after) + ", wanted one more";
    return false;
  }

 private:
  bool disturbed(const std::string& what, const std::error_code& error, std::string& why) const {
    constexpr std::errc passing[] = {std::errc::device_or_resource_busy, std::errc::operation_would_block,
                                     std::errc::interrupted, std::errc::timed_out};
    if (std::ranges::none_of(passing, [&](std::errc one) { return error == one; })) fail(what, error);
    why = "cannot " + what + ": " + error.message();
    return false;
  }

  TsmFolder& folder_;
  const std::string& provider_;
  std::string name_;
};

}  // namespace

TsmReporter::TsmReporter(std::unique_ptr<TsmFolder> folder, std::string provider, TsmPatience patience)
    : folder_(std::move(folder)), provider_(std::move(provider)), patience_(std::move(patience)) {}

TsmReport TsmReporter::report(base::Bytes data) {
  const Entry entry(*folder_, provider_);
  if (const std::string got = entry.line("provider"); got != provider_)
    throw base::Error(base::Kind::not_attested,
                      "the kernel's reports are of '" + got + "', wanted those of '" + provider_ + "'");
  std::chrono::milliseconds pause = patience_.first_pause;
  std::string why;
  for (unsigned attempt = 0; attempt < patience_.attempts; ++attempt) {
    if (attempt != 0) {
      patience_.wait(pause);
      pause = std::min(pause * 2, patience_.longest_pause);
    }
    TsmReport report;
    if (entry.try_report(data, report, why)) return report;
  }
  throw base::Error(base::Kind::host,
                    provider_ + " reports: none in " + std::to_string(patience_.attempts) + " attempts: " + why);
}

}  // namespace guest
