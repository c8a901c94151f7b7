#include <gmock/gmock.h>

#include <filesystem>

#include "base/posix_child.h"
#include "tests/kms/servers/local_server.h"
#include "tests/kms/servers/test_pki.h"

/// `bulkhead certificates fetch` as a program, with its module, from a TLS server of the test.
namespace kms {
namespace {

using testing::HasSubstr;

/// openssl(1) as a server of the files in a folder, under a CA of the test's own.
class CertificatesFetchProgram : public testing::Test {
 protected:
  void SetUp() override {
    folder_.make_ca("ca");
    folder_.issue("ca", "server", "localhost", "serverAuth");
    std::filesystem::create_directories(folder_.file("www/vcek"));
    std::filesystem::copy_file(BULKHEAD_SOURCE_DIR "/tests/data/attestation/snp/gosev-vcek.pem",
                               folder_.file("www/vcek/aa?blSPL=02"));
    base::write_file_atomically(folder_.file("identity.json"),
                                R"({"schema":"bulkhead.host-identity/v1","chips":[{"vcek":"https://localhost:)" +
                                    std::to_string(port_) + R"(/vcek/aa?blSPL=02"}]})",
                                0644);
    const std::string server = "cd '" + folder_.file("www") +
                               "' && exec openssl s_server -quiet -WWW -accept 127.0.0.1:" + std::to_string(port_) +
                               " -cert '" + folder_.file("server.pem") + "' -key '" + folder_.file("server.key") + "'";
    server_.emplace(std::vector<std::string>{"sh", "-c", server}, base::ChildStreams{});
    ASSERT_TRUE(
        local_server::listens(port_, [&] { return server_->ended_within(std::chrono::milliseconds(0)).has_value(); }));
  }
  [[nodiscard]] base::ProcessResult fetch(const std::string& ca) const {
    return base::run({BULKHEAD_PROGRAM, "certificates", "fetch", folder_.file("identity.json"), "--store",
                      folder_.file("store"), "--ca", folder_.file(ca)});
  }

  test_pki::Folder folder_;
  std::uint16_t port_ = local_server::free_port();
  std::optional<base::Child> server_;
};

TEST_F(CertificatesFetchProgram, StoresWhatTheServerHas) {
  const base::ProcessResult ran = fetch("ca.pem");
  EXPECT_EQ(ran.exit_code, 0) << ran.errors;
  EXPECT_THAT(ran.output, HasSubstr("new   vcek/3ac3fe21e13fb0990eb28a80"));
}

TEST_F(CertificatesFetchProgram, AsksNoServerUnderAnotherCa) {
  folder_.make_ca("other");
  const base::ProcessResult ran = fetch("other.pem");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.errors, HasSubstr("localhost:" + std::to_string(port_)));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("store")));
}

}  // namespace
}  // namespace kms
