#include "cli/output_format.h"

#include <gmock/gmock.h>

#include <sstream>

#include "base/error.h"
#include "base/posix_files.h"
#include "cli/keys.h"
#include "cli/launch_report.h"
#include "measurement/corim.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class OutputFormat : public testing::Test {
 protected:
  OutputFormat() {
    report_.tee = "snp";
    report_.launch_digest = std::map<unsigned, std::string>{{1, std::string(96, 'a')}, {2, std::string(96, 'b')}};
    report_.policy = 0x30000;
    report_.launch_security = "  <launchSecurity/>\n";
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  std::string written(const OutputOptions& options) {
    out_.str("");
    write_report(report_, options, console_);
    return out_.str();
  }

  LaunchReport report_;
  std::ostringstream out_, err_;
  Console console_{out_, err_};

 private:
  tests::TemporaryFolder folder_;
};

TEST_F(OutputFormat, IsTextUnlessAskedFor) {
  EXPECT_THAT(written({}), HasSubstr("2 vCPUs     " + std::string(96, 'b')));
  EXPECT_EQ(written({.json = true}), written({.format = "json"}));
  EXPECT_EQ(base::Json::parse(written({.json = true}), "json").at("schema").text(), "bulkhead.measurement/v1");
}

TEST_F(OutputFormat, HasEveryVcpuCountAsAnAlternative) {
  EXPECT_EQ(written({.format = "hex"}), std::string(96, 'a') + "\n" + std::string(96, 'b') + "\n");
  const base::Json values = base::Json::parse(written({.format = "rvps"}), "rvps").at("values");
  EXPECT_EQ(values.at("snp_launch_measurement").array().size(), 2U);
  EXPECT_EQ(measurement::parse_corim(base::bytes_of(written({.format = "corim"})), "corim").values.size(), 2U);
  EXPECT_EQ(written({.format = "libvirt"}), *report_.launch_security);
}

TEST_F(OutputFormat, KeepsASignedCorimOfTheSameValuesAndKeyAndReplacesOthers) {
  make_id_key({file("id")}, console_);
  make_id_key({file("other")}, console_);
  OutputOptions options{.format = "corim", .sign_key = file("id.key"), .out = file("snp.corim")};
  written(options);
  const std::string first = base::read_file(file("snp.corim"));
  const auto signature = measurement::parse_corim(base::bytes_of(first), "corim").signature;
  const auto key = base::PublicKey::from_pem(base::read_file(file("id.pub")), "id.pub");
  ASSERT_TRUE(signature.has_value());
  EXPECT_TRUE(signature->verifies(key));
  written(options);
  EXPECT_EQ(base::read_file(file("snp.corim")), first);
  report_.guest_svn = 5;
  written(options);
  const std::string second = base::read_file(file("snp.corim"));
  EXPECT_NE(second, first);
  options.sign_key = file("other.key");
  written(options);
  EXPECT_NE(base::read_file(file("snp.corim")), second);
}

struct Misuse {
  OutputOptions options;
  std::string why;
};

TEST_F(OutputFormat, RefusesWhatMakesNoSense) {
  report_.launch_security.reset();
  const Misuse table[] = {{{.format = "xml"}, "--format: got 'xml', wanted text, json, rvps, corim, libvirt or hex"},
                          {{.format = "hex", .json = true}, "--json contradicts --format hex"},
                          {{.format = "rvps", .sign_key = "key"}, "only --format corim is signed"},
                          {{.format = "libvirt"}, "libvirt has no <launchSecurity>"},
                          {{.out = file("text")}, "--out: wanted a --format for programs"}};
  for (const Misuse& misuse : table)
    EXPECT_THAT([&] { written(misuse.options); }, ThrowsMessage<base::Error>(HasSubstr(misuse.why)));
  console_.colour = true;
  EXPECT_THAT([&] { written({.format = "corim"}); }, ThrowsMessage<base::Error>(HasSubstr("binary")));
}

TEST_F(OutputFormat, IsRefusedForRvpsWhereTrusteeHasNoNames) {
  report_.tee = "sev";
  report_.launch_digest = std::string(64, 'c');
  EXPECT_THROW(written({.format = "rvps"}), base::Error);
  EXPECT_EQ(written({.format = "hex"}), std::string(64, 'c') + "\n");
}

}  // namespace
}  // namespace cli
