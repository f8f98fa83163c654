#include "core/domain/event_registry.h"

#include <stdexcept>

namespace runledger::core {
namespace {

std::string name_of(std::string_view type, std::uint16_t version) {
  return "event '" + std::string(type) + "' version " + std::to_string(version);
}

EventCodecError damaged(const eventlog::RecordView& record, const char* what) {
  return EventCodecError(name_of(record.type, record.version) + " at offset " +
                         std::to_string(record.offset) + " is damaged: " + what);
}

[[noreturn]] void refuse(const EventForm& form, const char* why) {
  throw std::logic_error(name_of(form.type, form.version) + " " + why);
}

}  // namespace

EventRegistry::EventRegistry(std::span<const EventForm> forms)
    : forms_(forms.begin(), forms.end()) {
  for (const EventForm& form : forms_) {
    if ((form.decode == nullptr) == (form.upgrade == nullptr)) {
      refuse(form, "must either be decoded or be upgraded");
    }
    const bool added = links_.emplace(Key{form.type, form.version}, Link{&form, nullptr}).second;
    if (!added) refuse(form, "is registered twice");
  }
  for (auto& [key, link] : links_) {
    const auto next = links_.find(Key{key.type, static_cast<std::uint16_t>(key.version + 1)});
    const bool is_last = next == links_.end();
    if (link.form->decode != nullptr && !is_last)
      refuse(*link.form, "is decoded, but not the last");
    if (link.form->upgrade == nullptr) continue;
    if (is_last) refuse(*link.form, "is upgraded to a version that is not registered");
    link.next = &next->second;
  }
}

EventBody EventRegistry::decode(const eventlog::RecordView& record) const {
  const auto found = links_.find(Key{record.type, record.version});
  if (found == links_.end()) {
    throw unknown_event(record.type, record.version, "at offset " + std::to_string(record.offset));
  }
  if (record.payload_erased) throw damaged(record, "its payload has been erased");
  try {
    const Link* link = &found->second;
    JsonReader payload(record.payload);
    for (; link->next != nullptr; link = link->next) {
      payload = JsonReader(link->form->upgrade(payload.all()));
    }
    return link->form->decode(payload);
  } catch (const JsonShapeError& wrong) {
    throw damaged(record, wrong.what());
  } catch (const nlohmann::json::exception& wrong) {
    throw damaged(record, wrong.what());
  }
}

Event decode_event(const eventlog::RecordView& record, const EventRegistry& registry) {
  Event event;
  event.offset = record.offset;
  event.idx = record.idx;
  event.time_us = record.time_us;
  event.version = record.version;
  event.stream = record.stream;
  event.tenant = record.tenant;
  event.owner = record.owner;
  event.actor = record.actor;
  event.command_id = record.command_id;
  event.body = registry.decode(record);
  return event;
}

Event decode_event(const eventlog::RecordView& record) {
  return decode_event(record, event_registry());
}

EventCodecError unknown_event(std::string_view type, std::uint16_t version,
                              const std::string& place) {
  return EventCodecError(name_of(type, version) + " " + place +
                         " is not known to this build; start the build that wrote it");
}

}  // namespace runledger::core
