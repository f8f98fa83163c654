#include "core/check/elf_symbols.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

namespace runledger::core::check {
namespace {

// Every offset in the file is a stranger's: read() gives nothing for what lies outside.
class Image {
 public:
  explicit Image(std::string bytes) : bytes_(std::move(bytes)) {}

  template <typename Struct>
  std::optional<Struct> read(std::uint64_t at) const {
    Struct value{};
    if (at > bytes_.size() || bytes_.size() - at < sizeof value) return std::nullopt;
    std::memcpy(&value, bytes_.data() + at, sizeof value);
    return value;
  }
  std::optional<std::string> text(std::uint64_t at) const {
    if (at >= bytes_.size()) return std::nullopt;
    const auto end = bytes_.find('\0', at);
    if (end == std::string::npos) return std::nullopt;
    return bytes_.substr(at, end - at);
  }

 private:
  std::string bytes_;
};

std::optional<Elf64_Shdr> section(const Image& image, const Elf64_Ehdr& header, std::size_t index) {
  if (index >= header.e_shnum) return std::nullopt;
  return image.read<Elf64_Shdr>(header.e_shoff + index * sizeof(Elf64_Shdr));
}

bool is_exported(const Elf64_Sym& symbol) {
  const auto binding = ELF64_ST_BIND(symbol.st_info);
  const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
  const bool seen = visibility == STV_DEFAULT || visibility == STV_PROTECTED;
  return symbol.st_shndx != SHN_UNDEF && binding != STB_LOCAL && seen;
}

std::vector<std::string> names_of(const Image& image, const Elf64_Shdr& symbols,
                                  const Elf64_Shdr& names) {
  std::vector<std::string> found;
  const std::uint64_t count = symbols.sh_size / sizeof(Elf64_Sym);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto symbol = image.read<Elf64_Sym>(symbols.sh_offset + i * sizeof(Elf64_Sym));
    if (!symbol) break;
    if (!is_exported(*symbol)) continue;
    if (auto name = image.text(names.sh_offset + symbol->st_name)) found.push_back(*name);
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

std::variant<std::vector<std::string>, NoLibrary> exported_symbols(
    const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return NoLibrary{"it cannot be read"};
  const Image image(std::string(std::istreambuf_iterator<char>(in), {}));
  const auto header = image.read<Elf64_Ehdr>(0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
    return NoLibrary{"it is no ELF file"};
  }
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_type != ET_DYN) {
    return NoLibrary{"it is no 64-bit shared library"};
  }
  for (std::size_t i = 0; i < header->e_shnum; ++i) {
    const auto symbols = section(image, *header, i);
    if (!symbols || symbols->sh_type != SHT_DYNSYM) continue;
    const auto names = section(image, *header, symbols->sh_link);
    if (names) return names_of(image, *symbols, *names);
  }
  return NoLibrary{"it has no table of dynamic symbols"};
}

}  // namespace runledger::core::check
