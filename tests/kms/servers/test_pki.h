#pragma once
#include <string>

#include "base/posix_files.h"
#include "base/posix_process.h"
#include "kms/transport.h"
#include "tests/temporary_folder.h"

/// Certificates for servers on 127.0.0.1 and their clients, made by openssl(1) in a folder of their own.
namespace kms::test_pki {

class Folder : public tests::TemporaryFolder {
 public:
  [[nodiscard]] std::string text(const std::string& name) const { return base::read_file(file(name)); }

  /// NAME.pem and NAME.key of a CA.
  void make_ca(const std::string& name) const {
    make(name, {"-subj", "/CN=" + name, "-addext", "keyUsage=critical,keyCertSign"});
  }
  /// NAME.pem and NAME.key under a CA. @param usage "serverAuth" or "clientAuth"
  void issue(const std::string& ca, const std::string& name, const std::string& common_name,
             const std::string& usage) const {
    make(name, {"-CA", file(ca + ".pem"), "-CAkey", file(ca + ".key"), "-subj", "/CN=" + common_name, "-addext",
                "extendedKeyUsage=" + usage, "-addext", "basicConstraints=critical,CA:FALSE", "-addext",
                "subjectAltName=IP:127.0.0.1,DNS:localhost"});
  }
  /// How the client whose certificate is NAME reaches a server on this machine.
  [[nodiscard]] TlsOptions options(std::uint16_t port, const std::string& ca, const std::string& name) const {
    TlsOptions options;
    options.host = "127.0.0.1";
    options.port = port;
    options.ca = text(ca + ".pem");
    if (!name.empty()) {
      options.certificate = text(name + ".pem");
      options.private_key = base::Secret(base::buffer_of(base::bytes_of(text(name + ".key"))));
    }
    return options;
  }

 private:
  void make(const std::string& name, std::vector<std::string> more) const {
    std::vector<std::string> words{"openssl",
                                   "req",
                                   "-x509",
                                   "-newkey",
                                   "ec",
                                   "-pkeyopt",
                                   "ec_paramgen_curve:P-256",
                                   "-nodes",
                                   "-days",
                                   "2",
                                   "-keyout",
                                   file(name + ".key"),
                                   "-out",
                                   file(name + ".pem")};
    words.insert(words.end(), more.begin(), more.end());
    base::run_or_throw(words);
  }
};

}  // namespace kms::test_pki
