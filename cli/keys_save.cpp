#include "cli/keys_save.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "attestation/saved_keys.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/key_file_text.h"

namespace cli {
namespace {

namespace fs = std::filesystem;
using attestation::SecretFiles;
using base::Error;
using base::Kind;

constexpr std::size_t largest_file = 1U << 20U, largest_saved = 1U << 28U, largest_pem = 1U << 16U;
constexpr unsigned private_mode = 0600, public_mode = 0644;

/// What opens a backup must not be in it alone: whoever has lost the one has lost the other.
void refuse_own_key(const std::string& path, std::string_view content, const base::PublicKey& recipient) {
  try {
    if (base::PrivateKey::from_pem(content, path).public_key().der() != recipient.der()) return;
  } catch (const Error&) {
    return;
  }
  throw Error(Kind::failure, path +
                                 ": is the key that opens this backup; sealed to itself it opens nothing. Keep it "
                                 "apart, and in two places");
}

std::string name_of(const std::string& path, std::set<std::string>& taken) {
  std::string name = fs::path(path).filename();
  if (name.empty()) throw Error(Kind::usage, path + ": wanted a file");
  if (!taken.insert(name).second)
    throw Error(Kind::usage, path + ": another file is called '" + name + "' too; names are kept without their paths");
  return name;
}

SecretFiles read_files(const std::vector<std::string>& paths, const base::PublicKey& recipient) {
  SecretFiles read;
  read.files.reserve(paths.size());
  std::set<std::string> taken;
  for (const std::string& path : paths) {
    read.files.push_back({name_of(path, taken), base::TarMember::Type::file, private_mode, {}});
    base::TarMember& one = read.files.back();
    one.content = base::read_file(path, largest_file);
    one.mode = is_public_key_file(one.content) ? public_mode : private_mode;
    if (one.mode == private_mode) static_cast<void>(base::read_secret_file(path));  // not when others can read it
    refuse_own_key(path, one.content, recipient);
  }
  return read;
}

void print(const SecretFiles& files, Console& console) {
  for (const base::TarMember& one : files.files)
    console.out << "  " << one.path << ": " << key_file_text(one.content) << "\n";
}

void write_all(const SecretFiles& files, const std::string& folder) {
  for (const base::TarMember& one : files.files) {
    const std::string path = folder + "/" + one.path;
    if (one.mode == private_mode) {
      base::write_new_secret_file(path, base::Secret(base::buffer_of(base::bytes_of(one.content))));
    } else {
      base::write_file_atomically(path, one.content, one.mode);
    }
  }
}

/// Whole or not at all: made beside, and renamed over what is not there or is an empty folder.
void make_folder(const SecretFiles& files, const std::string& folder) {
  const std::string made = folder + ".restoring";
  fs::remove_all(made);  // of a restore that was interrupted
  if (::mkdir(made.c_str(), 0700) != 0) throw Error(Kind::failure, "cannot make " + made + ": " + std::strerror(errno));
  try {
    write_all(files, made);
    if (::rename(made.c_str(), folder.c_str()) != 0)
      throw Error(Kind::failure,
                  "cannot make " + folder + ": " + std::strerror(errno) + "; a restore replaces nothing");
  } catch (const Error&) {
    fs::remove_all(made);
    throw;
  }
}

std::string counted(const SecretFiles& files) {
  return std::to_string(files.files.size()) + (files.files.size() == 1 ? " file" : " files");
}

}  // namespace

int save_keys(const SaveKeysOptions& options, Console& console) {
  const base::PublicKey recipient = base::PublicKey::from_pem(base::read_file(options.to, largest_pem), options.to);
  const SecretFiles files = read_files(options.files, recipient);
  base::write_new_secret_file(options.out, base::Secret(attestation::sealed_keys(files, recipient)));
  console.out << options.out << ": " << counted(files) << ", which the private part of backup key "
              << recipient.fingerprint().hex() << " alone opens\n";
  print(files, console);
  return 0;
}

int restore_keys(const RestoreKeysOptions& options, Console& console) {
  std::error_code absent;
  std::string folder = options.out;
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  if (fs::exists(folder, absent) && !(fs::is_directory(folder) && fs::is_empty(folder)))
    throw Error(Kind::failure, folder + " exists already; a restore replaces nothing");
  const base::Secret pem = base::read_secret_file(options.key);
  const base::PrivateKey key = base::PrivateKey::from_pem(base::text_of(pem.view()), options.key);
  const std::string sealed = base::read_file(options.from, largest_saved);
  const SecretFiles files = attestation::opened_saved_keys(base::bytes_of(sealed), key);
  make_folder(files, folder);
  console.out << folder << ": " << counted(files) << "\n";
  print(files, console);
  return 0;
}

}  // namespace cli
