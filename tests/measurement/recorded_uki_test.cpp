#include <gmock/gmock.h>

#include <algorithm>

#include "measurement/gpt.h"
#include "measurement/stub_initrd.h"
#include "measurement/uki_events.h"
#include "tests/measurement/recorded_boot.h"

namespace measurement {
namespace {

// Debian 12's OVMF 2022.11.
constexpr FirmwareProfile profile{FirmwareGeneration::before_202411, KernelSource::legacy_items, InitrdWord::suffix,
                                  SecureBootVariable::zero};

struct RecordedUki {
  std::string file;  ///< of tests/data/measurement/uki
  unsigned version = 0;
  UkiPath path = UkiPath::systemd_boot;
  std::string load_options;
};

/// tests/data/measurement/uki/README.md says what was in the images.
Uki uki_of(const RecordedUki& boot) {
  Uki uki{boot.version, std::to_string(boot.version), {}};
  const auto add = [&uki](const char* name, std::string data) {
    uki.sections.push_back({name, base::buffer_of(base::bytes_of(data))});
  };
  const std::string version = std::to_string(boot.version);
  add(".linux", "");
  add(".osrel", "ID=bulkhead\nVERSION_ID=\"" + version + "\"\n");
  add(".cmdline", " console=ttyS0 no_timer_check\tuki=" + version + " \n");
  add(".initrd", base::text_of(testing_files::read(testing_files::data() / "uki" / "initrd.cpio")));
  if (boot.version >= 253) add(".uname", "6.1.0-56-amd64");
  if (boot.version >= 254) add(".sbat", "");
  add(".pcrsig", "{\"sha256\":[]}");
  add(".pcrpkey", "-----BEGIN PUBLIC KEY-----\n");
  return uki;
}

// The programs are too large to keep, and the stub's .sbat is not ours.
bool is_inferred(const BootEvent& event) {
  return event.type == "EV_EFI_BOOT_SERVICES_APPLICATION" || event.type == "EV_EFI_GPT_EVENT" ||
         event.what == "section .linux" || event.what == "section .sbat";
}

std::vector<BootEvent> of_pcr(const std::vector<BootEvent>& events, unsigned pcr) {
  std::vector<BootEvent> chosen;
  std::copy_if(events.begin(), events.end(), std::back_inserter(chosen),
               [pcr](const BootEvent& event) { return event.pcr == pcr; });
  return chosen;
}

class RecordedUkiBoot : public testing::TestWithParam<RecordedUki> {
 protected:
  static std::vector<BootEvent> predicted(const RecordedBoot& boot) {
    UkiInputs inputs;
    inputs.profile = profile;
    inputs.path = GetParam().path;
    inputs.uki = uki_of(GetParam());
    inputs.initrd = stub_initrd(inputs.uki);
    inputs.load_options = GetParam().load_options;
    if (inputs.path != UkiPath::qemu_kernel)
      inputs.partition_table = make_event(5, "EV_EFI_GPT_EVENT", "partition table", Provenance::input_file, {});
    if (inputs.path == UkiPath::systemd_boot)
      inputs.loader = LoaderInputs{{}, GetParam().version, digests_of(base::bytes_of("timeout 0\n"))};
    std::vector<BootEvent> events = predict_uki_events(inputs);
    const auto retried = of_pcr(boot.events, 5).size() > of_pcr(events, 5).size();
    return retried ? with_exit_boot_services_retry(events) : events;
  }
};

TEST_P(RecordedUkiBoot, ExtendedThePredictedEventsInThePredictedOrder) {
  const RecordedBoot boot = read_boot("../uki/" + GetParam().file);
  ASSERT_FALSE(boot.events.empty());
  const std::vector<BootEvent> events = predicted(boot);
  for (const unsigned pcr : {2U, 3U, 4U, 5U, 7U, 8U, 9U, 11U, 12U, 13U}) {
    const std::vector<BootEvent> real = of_pcr(boot.events, pcr), wanted = of_pcr(events, pcr);
    ASSERT_EQ(real.size(), wanted.size()) << "PCR " << pcr;
    for (std::size_t i = 0; i < real.size(); ++i) {
      EXPECT_EQ(real[i].type, wanted[i].type) << "PCR " << pcr << " event " << i << " " << wanted[i].what;
      if (is_inferred(wanted[i]) || wanted[i].provenance == Provenance::unpredictable) continue;
      EXPECT_EQ(real[i].sha256, wanted[i].sha256) << "PCR " << pcr << " event " << i << " " << wanted[i].what;
      EXPECT_EQ(real[i].sha384, wanted[i].sha384) << "PCR " << pcr << " event " << i << " " << wanted[i].what;
    }
  }
}

TEST_P(RecordedUkiBoot, EndedWithThePredictedPcrsOfBothBanks) {
  const RecordedBoot boot = read_boot("../uki/" + GetParam().file);
  const PcrValues values = fold(predicted(boot));
  for (const unsigned pcr : {2U, 3U, 7U, 9U, 12U}) {
    if (pcr == 9 && !values.sha256.contains(9)) continue;
    const bool extended = values.sha256.contains(pcr);
    EXPECT_EQ(extended ? values.sha256.at(pcr) : base::Sha256{}, boot.pcrs.sha256.at(pcr)) << pcr;
    EXPECT_EQ(extended ? values.sha384.at(pcr) : base::Sha384{}, boot.pcrs.sha384.at(pcr)) << pcr;
  }
}

constexpr const char* from_qemu = "console=ttyS0 no_timer_check from=qemu";
INSTANTIATE_TEST_SUITE_P(Recorded, RecordedUkiBoot,
                         testing::Values(RecordedUki{"sd252.txt", 252}, RecordedUki{"sd254.txt", 254},
                                         RecordedUki{"sd257.txt", 257},
                                         RecordedUki{"rm262.txt", 262, UkiPath::removable_media},
                                         RecordedUki{"rm257.txt", 257, UkiPath::removable_media},
                                         RecordedUki{"rm254.txt", 254, UkiPath::removable_media},
                                         RecordedUki{"k252.txt", 252, UkiPath::qemu_kernel, from_qemu},
                                         RecordedUki{"k254.txt", 254, UkiPath::qemu_kernel},
                                         RecordedUki{"k262.txt", 262, UkiPath::qemu_kernel, from_qemu},
                                         RecordedUki{"k257.txt", 257, UkiPath::qemu_kernel, from_qemu}),
                         [](const auto& boot) { return boot.param.file.substr(0, boot.param.file.find('.')); });

}  // namespace
}  // namespace measurement
