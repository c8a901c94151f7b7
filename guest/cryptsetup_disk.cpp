#include "guest/cryptsetup_disk.h"

#include <libcryptsetup.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "attestation/wire/recovery_note.h"
#include "base/error.h"
#include "base/posix_process.h"

namespace guest {
namespace {

constexpr const char* cipher = "aes";
constexpr const char* cipher_mode = "xts-plain64";
constexpr std::size_t volume_key_bytes = 64;
constexpr std::size_t looked_at = 1U << 20U;  ///< where any file system, partition table or header begins

struct FreeDevice {
  void operator()(crypt_device* device) const noexcept { crypt_free(device); }
};
using Device = std::unique_ptr<crypt_device, FreeDevice>;

const char* text(base::Bytes key) {
  return reinterpret_cast<const char*>(key.data());
}

class CryptsetupDisk final : public EncryptedDisk {
 public:
  CryptsetupDisk(std::string device, const std::string& name)
      : device_(std::move(device)), name_("bulkhead-" + name), mount_point_(volume_mount_point(name)) {
    crypt_token_external_disable();  // nothing but keys of ours: no plug-ins
  }

  DiskContent content() override {
    std::ifstream disk(device_, std::ios::binary);
    std::string start(looked_at, '\0');
    disk.read(start.data(), static_cast<std::streamsize>(start.size()));
    if (disk.bad() || disk.gcount() == 0) fail("read " + device_, errno);
    start.resize(static_cast<std::size_t>(disk.gcount()));
    if (std::all_of(start.begin(), start.end(), [](char c) { return c == '\0'; })) return DiskContent::blank;
    const Device header = opened();
    return header && slots(header.get()).empty() ? DiskContent::unfinished : DiskContent::filled;
  }

  void format(base::Bytes key) override {
    const Device header = initialized();
    derive_quickly(header.get());
    crypt_params_luks2 parameters{};
    parameters.sector_size = 512;
    check("format", crypt_format(header.get(), CRYPT_LUKS2, cipher, cipher_mode, nullptr, nullptr, volume_key_bytes,
                                 &parameters));
    check("format", crypt_keyslot_add_by_volume_key(header.get(), CRYPT_ANY_SLOT, nullptr, 0, text(key), key.size()));
  }

  bool open(base::Bytes key) override {
    const Device header = opened();
    if (!header) return false;
    expect_our_cipher(header.get());
    return tried(header.get(), name_.c_str(), CRYPT_ANY_SLOT, key);
  }

  void make_file_system() override {
    base::run_or_throw(
        {"/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-E", "nodiscard,lazy_itable_init=1,lazy_journal_init=1", mapped()});
  }

  bool mount() override {
    std::filesystem::create_directories(mount_point_);
    if (::mount(mapped().c_str(), mount_point_.c_str(), "ext4", MS_NOSUID | MS_NODEV, nullptr) == 0) return true;
    if (errno != EINVAL) fail("mount " + mapped(), errno);
    return false;  // ext4's way of saying that this is none
  }

  std::size_t keys() override {
    const Device header = ours();
    return slots(header.get()).size() - recovery_slots(header.get()).size();
  }

  void add_key(base::Bytes known, base::Bytes next) override {
    const Device header = ours();
    if (tried(header.get(), nullptr, CRYPT_ANY_SLOT, next)) return;
    if (!tried(header.get(), nullptr, CRYPT_ANY_SLOT, known)) no_key_opens();
    added(header.get(), known, next);
  }

  void keep_only(std::span<const base::Secret> keys) override {
    const Device header = ours();
    std::vector<int> others = slots(header.get());
    for (const int slot : recovery_slots(header.get())) std::erase(others, slot);
    const std::size_t all = others.size();
    std::erase_if(others, [&](int slot) {
      return std::ranges::any_of(
          keys, [&](const base::Secret& key) { return tried(header.get(), nullptr, slot, key.view()); });
    });
    if (others.size() == all) no_key_opens();
    take_away(header.get(), others);
  }

  std::optional<std::string> recovery_note() override {
    const Device header = ours();
    const std::vector<int> notes = recovery_notes(header.get());
    const char* json = nullptr;
    if (notes.empty() || recovery_slots(header.get()).empty()) return std::nullopt;
    check("read", crypt_token_json_get(header.get(), notes.back(), &json));
    return json;
  }

  void set_recovery(std::span<const base::Secret> known, base::Bytes key,
                    const std::function<std::string(int slot)>& note_of) override {
    const Device header = ours();
    const std::vector<int> old_slots = recovery_slots(header.get()), old_notes = recovery_notes(header.get());
    const int slot = added(header.get(), opening(header.get(), known), key);
    check("note in", crypt_token_json_set(header.get(), CRYPT_ANY_TOKEN, note_of(slot).c_str()));
    take_away(header.get(), old_slots);
    remove_notes(header.get(), old_notes);
  }

  void drop_recovery() override {
    const Device header = ours();
    take_away(header.get(), recovery_slots(header.get()));
    remove_notes(header.get(), recovery_notes(header.get()));
  }

 private:
  [[noreturn]] static void fail(const std::string& what, int reason) {
    throw base::Error(base::Kind::host, "cannot " + what + ": " + std::strerror(reason));
  }
  void check(const char* what, int result) const {
    if (result >= 0) return;
    throw base::Error(base::Kind::host, "cannot " + std::string(what) + " " + device_ + ": " + std::strerror(-result) +
                                            (said_.empty() ? "" : " (" + said_ + ")"));
  }
  [[nodiscard]] std::string mapped() const { return "/dev/mapper/" + name_; }

  [[nodiscard]] Device initialized() const {
    crypt_device* device = nullptr;
    check("use", crypt_init(&device, device_.c_str()));
    crypt_set_log_callback(device, remember, &said_);  // it would print
    return Device(device);
  }
  /// nullptr when there is no LUKS2 header.
  [[nodiscard]] Device opened() const {
    Device device = initialized();
    return crypt_load(device.get(), CRYPT_LUKS2, nullptr) == 0 ? std::move(device) : nullptr;
  }
  static void remember(int level, const char* message, void* said) {
    if (level != CRYPT_LOG_ERROR) return;
    auto& line = *static_cast<std::string*>(said);
    line = message;
    while (line.ends_with('\n')) line.pop_back();
  }
  /// The header of a disk that was formatted before.
  [[nodiscard]] Device ours() const {
    Device device = opened();
    if (!device) throw base::Error(base::Kind::failure, "has no LUKS2 header any more");
    expect_our_cipher(device.get());
    return device;
  }
  /// Where there is a key.
  static std::vector<int> slots(crypt_device* device) {
    std::vector<int> used;
    for (int slot = 0; slot < crypt_keyslot_max(CRYPT_LUKS2); ++slot) {
      if (crypt_keyslot_status(device, slot) > CRYPT_SLOT_INACTIVE) used.push_back(slot);
    }
    return used;
  }
  /// Whether the key opens this slot, or any. @param name of the mapping to make; nullptr: the key is only tried
  bool tried(crypt_device* device, const char* name, int slot, base::Bytes key) const {
    const int result = crypt_activate_by_passphrase(device, name, slot, text(key), key.size(), 0);
    if (result == -EPERM || result == -ENOENT) return false;
    check("open", result);
    return true;
  }
  /// The one of these keys that opens the disk.
  base::Bytes opening(crypt_device* device, std::span<const base::Secret> keys) const {
    for (const base::Secret& key : keys) {
      if (tried(device, nullptr, CRYPT_ANY_SLOT, key.view())) return key.view();
    }
    no_key_opens();
  }
  /// Adds a key. @return its slot
  int added(crypt_device* device, base::Bytes known, base::Bytes key) const {
    derive_quickly(device);
    check("add a key to", crypt_keyslot_set_encryption(device, "aes-xts-plain64", volume_key_bytes));
    const int slot =
        crypt_keyslot_add_by_passphrase(device, CRYPT_ANY_SLOT, text(known), known.size(), text(key), key.size());
    check("add a key to", slot);
    return slot;
  }
  void take_away(crypt_device* device, const std::vector<int>& slots) const {
    for (const int slot : slots) check("take a key from", crypt_keyslot_destroy(device, slot));
  }
  /// Tokens that say that they are notes of ours.
  static std::vector<int> recovery_notes(crypt_device* device) {
    std::vector<int> notes;
    for (int token = 0; token < crypt_token_max(CRYPT_LUKS2); ++token) {
      const char* type = nullptr;
      if (crypt_token_status(device, token, &type) <= CRYPT_TOKEN_INACTIVE || type == nullptr) continue;
      if (type == attestation::wire::recovery_type) notes.push_back(token);
    }
    return notes;
  }
  static std::vector<int> recovery_slots(crypt_device* device) {
    std::vector<int> found;
    const std::vector<int> notes = recovery_notes(device);
    for (const int slot : slots(device)) {
      const auto is_of_slot = [&](int note) { return crypt_token_is_assigned(device, note, slot) == 0; };
      if (std::ranges::any_of(notes, is_of_slot)) found.push_back(slot);
    }
    return found;
  }
  void remove_notes(crypt_device* device, const std::vector<int>& notes) const {
    for (const int note : notes) check("note in", crypt_token_json_set(device, note, nullptr));
  }
  /// Keys here are random: nobody guesses them, however fast.
  void derive_quickly(crypt_device* device) const {
    crypt_pbkdf_type derivation{};
    derivation.type = CRYPT_KDF_PBKDF2;
    derivation.hash = "sha256";
    derivation.iterations = 1000;  // the least there may be
    derivation.flags = CRYPT_PBKDF_NO_BENCHMARK;
    check("prepare", crypt_set_pbkdf_type(device, &derivation));
  }
  [[noreturn]] static void no_key_opens() {
    throw base::Error(base::Kind::failure, "does not open with its key any more");
  }
  /// The header is the operator's to write: what it asks for must be what this program would have asked for.
  void expect_our_cipher(crypt_device* device) const {
    const std::string got = std::string(crypt_get_cipher(device)) + "-" + crypt_get_cipher_mode(device);
    const std::string wanted = std::string(cipher) + "-" + cipher_mode;
    const int bits = 8 * crypt_get_volume_key_size(device);
    if (got == wanted && bits == static_cast<int>(8 * volume_key_bytes)) return;
    throw base::Error(base::Kind::failure, "its header asks for " + got + " with " + std::to_string(bits) +
                                               " bits, wanted " + wanted + " with 512");
  }

  std::string device_, name_, mount_point_;
  mutable std::string said_;  ///< by the library, of what went wrong last
};

}  // namespace

std::string volume_mount_point(const std::string& name) {
  return "/run/bulkhead/volumes/" + name;
}

std::unique_ptr<EncryptedDisk> make_encrypted_disk(const std::string& device, const std::string& name) {
  return std::make_unique<CryptsetupDisk>(device, name);
}

}  // namespace guest
