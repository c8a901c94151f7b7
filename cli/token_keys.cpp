#include "cli/token_keys.h"

#include <filesystem>

#include "base/error.h"
#include "base/pkcs11_key_maker.h"
#include "base/posix_files.h"

namespace cli {

std::string make_key_in_token(const std::string& uri, base::PrivateKey::Type type, const std::string& file,
                              const std::function<std::string(const base::Signer&)>& content) {
  std::error_code error;  // of looking: then it cannot be written either, which says why
  if (std::filesystem::exists(std::filesystem::symlink_status(file, error)))
    throw base::Error(base::Kind::failure, file + " exists already and is not replaced; no key was made");
  std::string text;
  base::make_pkcs11_key(uri, type, [&](const base::Signer& key) {
    text = content(key);
    base::write_file_atomically(file, text, 0644);
  });
  return text;
}

std::string private_place(const std::string& out, const std::string& uri) {
  return uri.empty() ? out + ".key (keep it; mode 0600)" : "stays in the token; name it as '" + uri + "'";
}

}  // namespace cli
