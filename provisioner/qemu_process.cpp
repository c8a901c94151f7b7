#include "provisioner/qemu_process.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/posix_child.h"
#include "provisioner/qtest_protocol.h"

namespace provisioner {
namespace {

using Clock = base::LineSocket::Clock;
constexpr std::size_t most_words = 2000;

/// QEMU's standard error, in memory.
class Words {
 public:
  Words() : file_(::memfd_create("qemu-errors", MFD_CLOEXEC)) {}
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;
  ~Words() { ::close(file_); }
  [[nodiscard]] int file() const { return file_; }
  [[nodiscard]] std::string text() const {
    std::string all(most_words, '\0');
    const ssize_t count = ::pread(file_, all.data(), all.size(), 0);
    all.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    while (!all.empty() && all.back() == '\n') all.pop_back();
    return all;
  }

 private:
  int file_;
};

/// A descriptor of the child's, closed here once it has been started.
class TheirEnd {
 public:
  explicit TheirEnd(int descriptor) : descriptor_(descriptor) {}
  TheirEnd(const TheirEnd&) = delete;
  TheirEnd& operator=(const TheirEnd&) = delete;
  ~TheirEnd() { ::close(descriptor_); }

 private:
  int descriptor_;
};

class QtestBus : public MachineBus {
 public:
  QtestBus(int descriptor, Clock::time_point deadline) : socket_(descriptor, "QEMU's qtest channel", deadline) {}
  void out(PortWidth width, std::uint16_t port, std::uint32_t value) override {
    qtest::answer_of(ask(qtest::out_command(width, port, value)));
  }
  std::uint32_t in(PortWidth width, std::uint16_t port) override {
    return static_cast<std::uint32_t>(qtest::number_of(ask(qtest::in_command(width, port))));
  }
  void write(std::uint64_t address, base::Bytes bytes) override {
    qtest::answer_of(ask(qtest::write_command(address, bytes)));
  }
  base::Buffer read(std::uint64_t address, std::size_t size) override {
    return qtest::bytes_of(ask(qtest::read_command(address, size)), size);
  }
  void store(std::uint64_t address, std::uint32_t value) override {
    qtest::answer_of(ask(qtest::store_command(address, value)));
  }
  std::uint32_t load(std::uint64_t address) override {
    return static_cast<std::uint32_t>(qtest::number_of(ask(qtest::load_command(address))));
  }

 private:
  std::string ask(const std::string& command) {
    socket_.send(command);
    std::string line = socket_.receive();
    while (qtest::is_notice(line)) line = socket_.receive();
    return line;
  }
  base::LineSocket socket_;
};

std::unique_ptr<base::Child> start(const QemuProcess::Options& options, int qtest, int monitor, const Words& words) {
  std::vector<std::string> argv = {options.program};
  argv.insert(argv.end(), options.arguments.begin(), options.arguments.end());
  for (const std::string& word :
       {std::string("-qtest"), std::string("stdio"), std::string("-qtest-log"), std::string("/dev/null"),
        std::string("-chardev"), "socket,id=bulkhead-monitor,fd=" + std::to_string(monitor), std::string("-mon"),
        std::string("chardev=bulkhead-monitor,mode=control")})
    argv.push_back(word);
  base::ChildStreams streams{qtest, words.file(), options.inherited};
  streams.inherited.push_back(monitor);
  try {
    return std::make_unique<base::Child>(argv, streams);
  } catch (const base::Error& error) {
    throw base::Error(error.kind(), std::string(error.what()) + "; install qemu-system-x86");
  }
}

}  // namespace

struct QemuProcess::State {
  State(const Options& options, base::SocketPair test, base::SocketPair control)
      : bus(test.ours, Clock::now() + std::chrono::seconds(options.patience_seconds)),
        monitor(control.ours, "QEMU's monitor", Clock::now() + std::chrono::seconds(options.patience_seconds)) {
    const TheirEnd first(test.theirs), second(control.theirs);
    child = start(options, test.theirs, control.theirs, words);
  }
  /// The answer to the command sent last: events are passed over. @throws in QEMU's own words when it has ended
  base::Json answer() {
    try {
      for (;;) {
        base::Json line = base::Json::parse(monitor.receive(), "QEMU's monitor");
        if (line.find("return") != nullptr || line.find("error") != nullptr || line.find("QMP") != nullptr) return line;
      }
    } catch (const base::Error& error) {
      if (error.kind() == base::Kind::host && child->ended_within(std::chrono::milliseconds(500)))
        throw base::Error(base::Kind::host, "QEMU ended: " + words.text());
      throw;
    }
  }
  Words words;
  QtestBus bus;
  base::LineSocket monitor;
  std::unique_ptr<base::Child> child;
};

QemuProcess::QemuProcess(const Options& options)
    : state_(std::make_unique<State>(options, base::socket_pair(), base::socket_pair())) {
  state_->answer();  // its greeting
  command("qmp_capabilities");
}

QemuProcess::~QemuProcess() = default;

MachineBus& QemuProcess::bus() {
  return state_->bus;
}

base::Json QemuProcess::command(const std::string& name, const base::Json& arguments) {
  base::Json request;
  request["execute"] = name;
  if (!arguments.is_null()) request["arguments"] = arguments;
  state_->monitor.send(request.compact());
  const base::Json answer = state_->answer();
  if (const base::Json* result = answer.find("return")) return *result;
  const base::Json* const error = answer.find("error");
  throw base::Error(base::Kind::host,
                    "QEMU: " + name + ": " + (error == nullptr ? answer.compact() : error->at("desc").text()));
}

std::optional<std::string> QemuProcess::ended() {
  if (!state_->child->ended_within(std::chrono::milliseconds(0))) return std::nullopt;
  return state_->words.text();
}

}  // namespace provisioner
