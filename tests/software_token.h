#pragma once
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/posix_files.h"
#include "base/posix_process.h"
#include "tests/temporary_folder.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BULKHEAD_LEAKS_ARE_FOUND
#include <sanitizer/lsan_interface.h>
#endif
#endif

namespace tests {

/// Where SoftHSM's PKCS#11 module is; empty where it is not installed.
inline std::string softhsm_library() {
  for (const char* path : {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"})
    if (std::filesystem::exists(path)) return path;
  return {};
}

/// While there is one, LeakSanitizer looks away: SoftHSM 2.6 forgets the OCTET STRING that it decodes of an Ed25519 key
/// at each signature.
class LeaksOfSofthsm {
 public:
  LeaksOfSofthsm() {
#ifdef BULKHEAD_LEAKS_ARE_FOUND
    __lsan_disable();
#endif
  }
  ~LeaksOfSofthsm() {
#ifdef BULKHEAD_LEAKS_ARE_FOUND
    __lsan_enable();
#endif
  }
  LeaksOfSofthsm(const LeaksOfSofthsm&) = delete;
  LeaksOfSofthsm& operator=(const LeaksOfSofthsm&) = delete;
};

/// Software tokens of SoftHSM in a folder of the test's own, with the PIN 1234 if no other is named. This process's
/// SoftHSM uses them from now on.
class SoftwareTokens {
 public:
  /// @param more lines of SoftHSM's configuration
  explicit SoftwareTokens(const std::string& more = "") {
    std::filesystem::create_directory(file("tokens"));
    base::write_file_atomically(file("softhsm2.conf"), "directories.tokendir = " + file("tokens") + "\n" + more, 0600);
    base::write_file_atomically(file("pin"), std::string_view("1234\n"), 0600);
    ::setenv("SOFTHSM2_CONF", file("softhsm2.conf").c_str(), 1);
  }
  void add_token(const std::string& label, const std::string& pin = "1234") const {
    softhsm({"--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "56785678"});
  }
  /// Puts a key into a token: a PEM private key, or with `--aes` in `more` the bytes of an AES key.
  /// @param id hexadecimal
  void import(const std::string& token, const std::string& label, const std::string& id, const base::Secret& key,
              const std::vector<std::string>& more = {}, const std::string& pin = "1234") const {
    base::write_file_atomically(file("key"), key.view(), 0600);
    std::vector<std::string> words{"--import", file("key"), "--token", token,   "--label",
                                   label,      "--id",      id,        "--pin", pin};
    words.insert(words.end(), more.begin(), more.end());
    softhsm(words);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  /// The end of a PKCS#11 URI that says where the PIN is.
  [[nodiscard]] std::string pin_source() const { return "&pin-source=file:" + file("pin"); }

 private:
  void softhsm(std::vector<std::string> words) const {
    words.insert(words.begin(), "softhsm2-util");
    base::run_or_throw(words, {.environment = {"SOFTHSM2_CONF=" + file("softhsm2.conf")}});
  }

  TemporaryFolder folder_;
};

}  // namespace tests
