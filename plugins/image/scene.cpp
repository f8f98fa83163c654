#include "plugins/image/scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace runledger::plugins::image {
namespace {

struct Palette {
  std::string_view name;
  std::array<Colour, 4> colours;  // gradient from and to, then the ribbons
};

constexpr Colour rgb(int value) {
  return {static_cast<float>(value >> 16 & 0xff) / 255, static_cast<float>(value >> 8 & 0xff) / 255,
          static_cast<float>(value & 0xff) / 255};
}

constexpr std::array<Palette, 5> kPalettes = {{
    {"dawn", {rgb(0x2b1055), rgb(0xf7797d), rgb(0xfbd786), rgb(0x7597de)}},
    {"ocean", {rgb(0x0f2027), rgb(0x2c7da0), rgb(0x61a5c2), rgb(0xa9d6e5)}},
    {"forest", {rgb(0x081c15), rgb(0x40916c), rgb(0x95d5b2), rgb(0xd8f3a0)}},
    {"ember", {rgb(0x370617), rgb(0xd00000), rgb(0xf48c06), rgb(0xffba08)}},
    {"mono", {rgb(0x111111), rgb(0x777777), rgb(0xaaaaaa), rgb(0xeeeeee)}},
}};

// FNV-1a, 64 bits, http://www.isthe.com/chongo/tech/comp/fnv/
std::uint64_t hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t value = 14695981039346656037ULL ^ seed;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return value;
}

// SplitMix64, https://prng.di.unimi.it/splitmix64.c
class Dice {
 public:
  explicit Dice(std::uint64_t state) : state_(state) {}
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t value = state_;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
  }
  float between(float low, float high) {
    return low + (high - low) * static_cast<float>(next() >> 40) / 16777216.0F;
  }

 private:
  std::uint64_t state_;
};

const Palette& choose(std::string_view name, Dice& dice) {
  const std::uint64_t roll = dice.next();  // rolled in any case: a palette changes colours only
  const auto* found = std::find_if(kPalettes.begin(), kPalettes.end(),
                                   [&](const Palette& palette) { return palette.name == name; });
  return found != kPalettes.end() ? *found : kPalettes[roll % kPalettes.size()];
}

Colour mix(Colour from, Colour to, float part) {
  return {from.red + (to.red - from.red) * part, from.green + (to.green - from.green) * part,
          from.blue + (to.blue - from.blue) * part};
}

}  // namespace

Scene::Scene(const Request& request) {
  constexpr float kTurn = 2 * std::numbers::pi_v<float>;
  Dice dice(hash(request.prompt, request.seed));
  const Palette& palette = choose(request.palette, dice);
  palette_ = palette.name;
  from_ = palette.colours[0];
  to_ = palette.colours[1];
  const float direction = dice.between(0, kTurn);
  cosine_ = std::cos(direction);
  sine_ = std::sin(direction);
  for (Ribbon& ribbon : ribbons_) {
    const float angle = direction + dice.between(-0.6F, 0.6F);
    ribbon = {.cosine = std::cos(angle),
              .sine = std::sin(angle),
              .offset = dice.between(-0.45F, 0.45F),
              .width = dice.between(0.03F, 0.16F),
              .amplitude = dice.between(0.02F, 0.12F),
              .frequency = dice.between(2, 9),
              .phase = dice.between(0, kTurn),
              .opacity = dice.between(0.15F, 0.5F),
              .colour = mix(palette.colours[2], palette.colours[3], dice.between(0, 1))};
  }
}

Colour Scene::colour_at(float u, float v) const {
  const float x = u - 0.5F;
  const float y = v - 0.5F;
  const float along = x * cosine_ + y * sine_ + 0.5F;
  Colour colour = mix(from_, to_, std::clamp(along, 0.0F, 1.0F));
  for (const Ribbon& ribbon : ribbons_) {
    const float run = x * ribbon.cosine + y * ribbon.sine;
    const float across = y * ribbon.cosine - x * ribbon.sine;
    const float middle =
        ribbon.offset + ribbon.amplitude * std::sin(run * ribbon.frequency + ribbon.phase);
    const float distance = std::abs(across - middle);
    if (distance < ribbon.width) {
      const float fade = 1 - distance / ribbon.width * 0.5F;
      colour = mix(colour, ribbon.colour, ribbon.opacity * fade);
    }
  }
  return colour;
}

}  // namespace runledger::plugins::image
