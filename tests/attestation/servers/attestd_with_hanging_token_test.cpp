#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <future>

#include "tests/attestation/daemon_fixture.h"
#include "tests/software_token.h"

// bulkhead-attestd with its tenant's key-encryption key in a token that stops answering (p11kit_hanging_token.cpp).

namespace {

using namespace fake;
using base::Json;
using testing::AllOf;
using testing::HasSubstr;

/// A FIFO: whoever reads from it waits for as long as there is one, and for as long as it is held.
class Gate {
 public:
  explicit Gate(std::string path) : path_(std::move(path)) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate() { open(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  void close() const { ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0); }
  /// Returns when somebody stands before it.
  void wait_for_somebody() {
    for (unsigned tries = 0; held_ < 0 && tries < 6000; ++tries) {
      held_ = ::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
      if (held_ < 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ASSERT_GE(held_, 0) << "nobody came";
  }
  void open() {
    ::unlink(path_.c_str());
    if (held_ >= 0) ::close(held_);
    held_ = -1;
  }

 private:
  std::string path_;
  int held_ = -1;
};

class AttestdWithPkcs11ThatHangs : public Daemon {
 protected:
  void SetUp() override {
    const std::string library = tests::softhsm_library();
    if (library.empty() || !std::filesystem::exists("/usr/share/p11-kit/modules/softhsm2.module"))
      GTEST_SKIP() << "needs softhsm2, known to p11-kit";
    tokens_.add_token("acme");
    tokens_.import("acme", "kek", "a1", base::Secret(base::Buffer(32, 7)), {"--aes"});
    program.before_program = {"env", "SOFTHSM2_CONF=" + tokens_.file("softhsm2.conf"),
                              "LD_PRELOAD=" BULKHEAD_HANGING_TOKEN, "HANGING_TOKEN_LIBRARY=" + library,
                              "HANGING_TOKEN_GATE=" + gate_.path()};
    const Json at = Json::Object{{"store", "unused"}, {"uri", "pkcs11:token=acme;object=kek?pin-source=file:pin"}};
    const Json connection = Json::Object{{"schema", "bulkhead.kms-connection/v1"}, {"tenant", "acme"}, {"pkcs11", at}};
    bundle["kms"] = Json::Object{{"connection", connection}, {"files", Json::Object{{"pin", "1234"}}}};
    config["kms"] = Json::Object{{"provider", "pkcs11"}, {"server", ""}, {"namespace", ""}, {"mount", ""},
                                 {"token", "acme"},      {"ca", {}},     {"client", {}}};
    write_files();
    start();
    approve_and_enrol();
    key_ = volume();
    wire::AttestedSession(*client(), worker).note_formatted("worker-0-data");
    key_ = "opens " + key_.substr(key_.rfind(' ') + 1);
  }
  /// What a guest is told that asks for its key and waits for half a minute.
  std::future<std::string> asked() {
    return std::async(std::launch::async, [this] {
      try {
        const auto https = wire::make_https_client(program.url(), ca, 60);
        wire::fetch_resource(*https, worker, "resource/bulkhead/volume/worker-0-data");
        return std::string("released");
      } catch (const base::Error& error) {
        return std::string(error.what());
      }
    });
  }
  [[nodiscard]] std::size_t count(const std::string& event) const {
    const std::string all = log(), wanted = "\"event\":\"" + event + "\"";
    std::size_t found = 0;
    for (std::size_t at = all.find(wanted); at != std::string::npos; at = all.find(wanted, at + 1)) ++found;
    return found;
  }
  Gate gate_{folder.file("gate")};
  tests::SoftwareTokens tokens_;
  std::string key_;
};

TEST_F(AttestdWithPkcs11ThatHangs, TellsEveryGuestToAskAgainAndGivesNobodyALateAnswer) {
  const std::size_t released = count("released");
  gate_.close();
  auto first = asked();
  gate_.wait_for_somebody();
  auto second = asked();
  EXPECT_THAT(first.get(), HasSubstr("not now; entry"));
  EXPECT_THAT(second.get(), HasSubstr("not now; entry"));
  EXPECT_THAT(log(), AllOf(HasSubstr("no answer after 10 s"),
                           HasSubstr("it was not begun; the one before it has taken"), HasSubstr("pkcs11 token acme")));
  EXPECT_THAT(program.admin->state().key_problem, AllOf(HasSubstr("pkcs11 token acme"), HasSubstr("no answer")));
  gate_.open();
  EXPECT_EQ(volume(), key_);
  EXPECT_EQ(program.admin->state().key_problem, "");
  EXPECT_EQ(count("released"), released + 1) << "nothing is said to be released that nobody was given";
  EXPECT_EQ(verify_audit_log(log()), std::nullopt);
}

TEST_F(AttestdWithPkcs11ThatHangs, EndsWhenItIsToldTo) {
  gate_.close();
  auto guest = asked();
  gate_.wait_for_somebody();
  EXPECT_EQ(program.stop(), 0);
  guest.get();
  EXPECT_EQ(verify_audit_log(log()), std::nullopt);
  const std::string all = log();
  EXPECT_THAT(all.substr(all.rfind("\"event\":")), HasSubstr("\"stopped\""));
  gate_.open();
  start();
  EXPECT_EQ(volume(), key_);
}

}  // namespace
