#include "kms/sealed_secret.h"

#include "base/error.h"
#include "base/posix_files.h"

namespace kms {
namespace {

constexpr std::size_t largest_secret = 1U << 19U;  // so that the document is no larger than a secret file may be

}  // namespace

TpmSealedFile sealed_to(SealingTpm& tpm, const base::Secret& secret, const std::vector<unsigned>& pcrs) {
  if (secret.size() == 0 || secret.size() > largest_secret)
    throw base::Error(base::Kind::failure, "secret to seal: got " + std::to_string(secret.size()) +
                                               " bytes, wanted 1 to " + std::to_string(largest_secret));
  const base::Secret key = base::random_secret(sealed_key_size);
  TpmSealedFile file{tpm.seal(key, pcrs), {}};
  file.content = base::seal_aes256_gcm(key.view(), secret.view(), base::bytes_of(file.associated_data()));
  return file;
}

base::Secret opened_with(SealingTpm& tpm, const TpmSealedFile& file, std::string_view name) {
  const base::Secret key = [&] {
    try {
      return tpm.unseal(file.key);
    } catch (const base::Error& error) {
      throw base::Error(error.kind(), std::string(name) + ": " + error.what());
    }
  }();
  if (key.size() != sealed_key_size)
    throw base::Error(base::Kind::failure, std::string(name) + ": the TPM gave " + std::to_string(key.size()) +
                                               " bytes, wanted a key of 32: it is another object's");
  try {
    return base::open_aes256_gcm(key.view(), file.content, base::bytes_of(file.associated_data()));
  } catch (const base::Error&) {
    throw base::Error(base::Kind::failure, std::string(name) + ": the TPM gave its key, and the content was changed");
  }
}

base::Secret read_secret(const std::string& path, const std::string& tpm) {
  base::Secret content = base::read_secret_file(path);
  if (!is_tpm_sealed(content.view())) return content;
  const TpmSealedFile file = parse_tpm_sealed(base::text_of(content.view()), path);
  return opened_with(*load_sealing_tpm(tpm), file, path);
}

void expect_not_sealed(const base::Secret& content, std::string_view name, std::string_view why) {
  if (is_tpm_sealed(content.view()))
    throw base::Error(base::Kind::failure, std::string(name) + ": is sealed to a TPM; " + std::string(why));
}

}  // namespace kms
