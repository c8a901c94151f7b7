#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "measurement/cpu_models.h"
#include "measurement/explain_changes.h"
#include "measurement/vmm_profile.h"

// One function for each input; `tables` at the end of the file lists them, the likely first.
namespace measurement {
namespace {

using namespace std::string_view_literals;

void add_command_line(Changes& changes, const Around& around, std::string text, const std::string& how) {
  if (text == around.planned.command_line) return;
  const auto same = [&](const Change& change) {
    LaunchCandidate made;
    if (change.input == Input::command_line) change.apply(made);
    return change.input == Input::command_line && made.command_line == text;
  };
  if (std::any_of(changes.begin(), changes.end(), same)) return;
  changes.push_back({Input::command_line, "a command line " + how,
                     [text](LaunchCandidate& candidate) { candidate.command_line = text; }});
}

std::string trimmed(std::string_view text, std::string_view blanks) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

std::string with_single_blanks(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' || out.empty() || out.back() != ' ') out += c;
  return out;
}

/// For messages: a command line may hold what a terminal would obey.
std::string quoted(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return "'" + text + "'";
}

/// What editors, shells and files do to the two ends of a line.
void vary_command_line_ends(const Around& around, Changes& changes) {
  if (!around.planned.kernel) return;
  const std::string& planned = around.planned.command_line;
  struct Variant {
    std::string text, how;
  };
  const std::string nul(1, '\0');
  const Variant variants[] = {{planned + "\n", "with a trailing newline (planned: without)"},
                              {trimmed(planned, "\r\n"), "without the newline at its end (planned: with it)"},
                              {planned + " ", "with a trailing blank (planned: without)"},
                              {" " + planned, "with a leading blank (planned: without)"},
                              {" " + planned + " ", "with a blank at both ends (planned: without)"},
                              {trimmed(planned, " \t\r\n"), "without the blanks at its ends (planned: with them)"},
                              {planned + "\r\n", "with a trailing CR LF (planned: without)"},
                              {planned + nul, "with a second NUL at its end (planned: one)"},
                              {with_single_blanks(planned), "with single blanks between its words (planned: several)"},
                              {"\"" + planned + "\"", "in double quotes (planned: without)"},
                              {"'" + planned + "'", "in single quotes (planned: without)"},
                              {planned + " initrd=initrd", "with the word initrd=initrd at its end (planned: without)"},
                              {"", "that is empty (planned: " + quoted(planned) + ")"}};
  for (const Variant& variant : variants) add_command_line(changes, around, variant.text, variant.how);
}

/// Each word left out.
void vary_command_line_words(const Around& around, Changes& changes) {
  constexpr std::size_t most_words = 64;
  if (!around.planned.kernel) return;
  const std::string& planned = around.planned.command_line;
  std::size_t count = 0;
  for (std::size_t at = planned.find_first_not_of(' '); at != std::string::npos && count < most_words; ++count) {
    const std::size_t end = std::min(planned.find(' ', at), planned.size());
    const std::size_t next = std::min(planned.find_first_not_of(' ', end), planned.size());
    const std::string without =
        next < planned.size() ? planned.substr(0, at) + planned.substr(next) : trimmed(planned.substr(0, at), " ");
    add_command_line(changes, around, without,
                     "without the word " + quoted(planned.substr(at, end - at)) + " (planned: with it)");
    at = next < planned.size() ? next : std::string::npos;
  }
}

void vary_kernel_hashes(const Around& around, Changes& changes) {
  if (!around.planned.kernel) return;
  const bool on = around.planned.kernel_hashes;
  changes.push_back({Input::kernel_hashes, on ? "kernel-hashes off (planned: on)" : "kernel-hashes on (planned: off)",
                     [on](LaunchCandidate& candidate) { candidate.kernel_hashes = !on; }});
}

std::string name_in(const std::vector<KnownFile>& files, const std::optional<std::size_t>& index) {
  return index ? files[*index].name : "none";
}

/// Another file of the same role, or none.
template <std::optional<std::size_t> LaunchCandidate::* member>
void vary_file(Input input, const char* role, const std::vector<KnownFile>& files, const Around& around,
               Changes& changes) {
  const std::optional<std::size_t> planned = around.planned.*member;
  const std::string instead = " (planned: " + name_in(files, planned) + ")";
  const auto add = [&](std::optional<std::size_t> other, const std::string& text) {
    changes.push_back({input, text + instead, [other](LaunchCandidate& candidate) { candidate.*member = other; }});
  };
  if (planned) add(std::nullopt, std::string("no ") + role);
  for (std::size_t i = 0; i < files.size(); ++i)
    if (i != planned) add(i, std::string(role) + " " + files[i].name);
}

void vary_initrd(const Around& around, Changes& changes) {
  if (around.planned.kernel)
    vary_file<&LaunchCandidate::initrd>(Input::initrd, "initrd", around.files.initrds, around, changes);
}

void vary_kernel(const Around& around, Changes& changes) {
  vary_file<&LaunchCandidate::kernel>(Input::kernel, "kernel", around.files.kernels, around, changes);
}

void vary_firmware(const Around& around, Changes& changes) {
  const std::vector<KnownFile>& known = around.files.firmware;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (i == around.planned.firmware) continue;
    changes.push_back({Input::firmware,
                       "firmware " + known[i].name + " (planned: " + known[around.planned.firmware].name + ")",
                       [i](LaunchCandidate& candidate) { candidate.firmware = i; }});
  }
}

void add_cpu(Changes& changes, const Around& around, const std::string& name, std::uint32_t signature) {
  const LaunchCandidate& planned = around.planned;
  if (signature == planned.cpuid_signature) return;
  const std::string was = planned.cpu.empty() ? base::hex_number(planned.cpuid_signature) : planned.cpu;
  changes.push_back(
      {Input::cpu, "CPU model " + name + " (planned: " + was + ")", [name, signature](LaunchCandidate& candidate) {
         candidate.cpu = name;
         candidate.cpuid_signature = signature;
       }});
}

/// Models of one signature are one change that names them all.
void vary_cpu(const Around& around, Changes& changes) {
  std::vector<std::pair<std::uint32_t, std::string>> models;
  for (const CpuModel& model : cpu_models()) {
    const std::uint32_t signature = cpuid_signature(model.cpu);
    const auto same = std::find_if(models.begin(), models.end(), [&](const auto& m) { return m.first == signature; });
    if (same == models.end())
      models.emplace_back(signature, model.name);
    else
      same->second += " or " + std::string(model.name);
  }
  if (const auto host = around.host_signature)
    add_cpu(changes, around, "host, which is " + base::hex_number(*host), *host);
  for (const auto& [signature, names] : models) add_cpu(changes, around, names, signature);
}

/// Source: AMD APM volume 2, table B-3 (SEV_FEATURES).
struct Feature {
  unsigned bit;
  std::string_view name;
};
constexpr Feature features[] = {{5, "DebugSwap"},          {9, "SecureTSC"},          {3, "RestrictedInjection"},
                                {4, "AlternateInjection"}, {2, "ReflectVC"},          {1, "vTOM"},
                                {6, "PreventHostIBS"},     {7, "BTBIsolation"},       {8, "VmplSSS"},
                                {10, "VmgexitParameter"},  {12, "IbsVirtualization"}, {14, "VmsaRegProt"},
                                {15, "SmtProtection"},     {16, "SecureAVIC"},        {0, "SNPActive"}};

void vary_sev_features(const Around& around, Changes& changes) {
  const std::uint64_t planned = around.planned.sev_features;
  for (const Feature& feature : features) {
    const std::uint64_t other = planned ^ 1ULL << feature.bit;
    const bool with = other > planned;
    changes.push_back({Input::sev_features,
                       "SEV features " + base::hex_number(other) + (with ? ", with " : ", without ") +
                           std::string(feature.name) + " (planned: " + base::hex_number(planned) + ")",
                       [other](LaunchCandidate& candidate) { candidate.sev_features = other; }});
  }
}

void vary_vmm(const Around& around, Changes& changes) {
  for (const VmmProfile& profile : vmm_profiles()) {
    const std::string name(profile.name);
    if (name == around.planned.vmm) continue;
    changes.push_back({Input::vmm, "hypervisor profile " + name + " (planned: " + around.planned.vmm + ")",
                       [name](LaunchCandidate& candidate) { candidate.vmm = name; }});
  }
}

/// For SEV vCPU counts are no table: every candidate is compared for all of them.
using Vary = void (*)(const Around&, Changes&);
constexpr Vary tables[] = {vary_command_line_ends,  vary_cpu,     vary_page_order,   vary_vcpus,      vary_memory,
                           vary_kernel_hashes,      vary_initrd,  vary_sev_features, vary_kernel,     vary_firmware,
                           vary_command_line_words, vary_vmm,     vary_tables,       vary_hypervisor, vary_generation,
                           vary_initrd_word,        vary_machine, vary_processor};

}  // namespace

std::vector<Change> variations(const LaunchCandidate& planned, const KnownFiles& files,
                               std::optional<std::uint32_t> host_signature) {
  Changes changes;
  for (const Vary vary : tables) vary({planned, files, host_signature}, changes);
  return changes;
}

}  // namespace measurement
