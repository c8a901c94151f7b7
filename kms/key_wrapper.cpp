#include "kms/key_wrapper.h"

#include <string>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"

namespace kms {
namespace {

constexpr std::size_t nonce_size = 12, tag_size = 16, kek_size = 32;

class SealingKeyWrapper final : public KeyWrapper {
 public:
  explicit SealingKeyWrapper(base::Secret kek) : kek_(std::move(kek)) {}

  base::Buffer wrap(base::Bytes key, std::string_view context) override {
    const base::SealedBox box = base::seal_aes256_gcm(kek_.view(), key, base::bytes_of(context));
    base::Buffer wrapped = box.nonce;
    base::append(wrapped, box.ciphertext);
    base::append(wrapped, box.tag);
    return wrapped;
  }
  base::Secret unwrap(base::Bytes wrapped, std::string_view context) override {
    if (wrapped.size() < nonce_size + tag_size)
      throw base::Error(base::Kind::malformed, "wrapped key: got " + std::to_string(wrapped.size()) +
                                                   " bytes, wanted at least " + std::to_string(nonce_size + tag_size));
    const base::SealedBox box{base::buffer_of(wrapped.first(nonce_size)),
                              base::buffer_of(wrapped.subspan(nonce_size, wrapped.size() - nonce_size - tag_size)),
                              base::buffer_of(wrapped.last(tag_size))};
    try {
      return base::open_aes256_gcm(kek_.view(), box, base::bytes_of(context));
    } catch (const base::Error&) {
      throw base::Error(base::Kind::failure, "wrapped key for " + std::string(context) +
                                                 ": it was changed, or wrapped under another key or for another use");
    }
  }

 private:
  base::Secret kek_;
};

}  // namespace

std::unique_ptr<KeyWrapper> make_key_wrapper(base::Secret kek) {
  if (kek.size() != kek_size)
    throw base::Error(base::Kind::malformed,
                      "key-encryption key: got " + std::to_string(kek.size()) + " bytes, wanted 32");
  return std::make_unique<SealingKeyWrapper>(std::move(kek));
}

base::Secret parse_key_encryption_key(base::Bytes text, std::string_view name) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text = text.first(text.size() - 1);
  const std::string_view line(reinterpret_cast<const char*>(text.data()), text.size());
  std::optional<base::Buffer> bytes = base::from_base64(line);
  if (!bytes || bytes->size() != kek_size) {
    if (bytes) base::wipe(*bytes);
    throw base::Error(base::Kind::malformed, std::string(name) + ": wanted one line, base64 of 32 bytes");
  }
  return base::Secret(std::move(*bytes));
}

}  // namespace kms
