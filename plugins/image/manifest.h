// What the plugin tells the worker about itself: its task type and the schemas of it.
#pragma once

#include <string_view>

namespace runledger::plugins::image {

inline constexpr std::string_view kManifest = R"json({
  "name": "image",
  "version": "1.0.0",
  "task_types": [{
    "name": "image",
    "description": "Renders a picture of a prompt as a PNG and stores it as a resource.",
    "input_schema": {
      "$schema": "http://json-schema.org/draft-07/schema#",
      "type": "object",
      "additionalProperties": false,
      "required": ["prompt"],
      "properties": {
        "prompt": {
          "type": "string", "minLength": 1, "maxLength": 2000,
          "description": "What the picture shows. The colours and shapes follow from this text."
        },
        "width": {
          "type": "integer", "minimum": 16, "maximum": 4096, "default": 1024,
          "description": "Width in pixels."
        },
        "height": {
          "type": "integer", "minimum": 16, "maximum": 4096, "default": 1024,
          "description": "Height in pixels."
        },
        "provider": {
          "type": "string", "enum": ["local"], "default": "local",
          "description": "Who renders. local: this worker, without any other service."
        },
        "palette": {
          "type": "string", "enum": ["auto", "dawn", "ocean", "forest", "ember", "mono"],
          "default": "auto",
          "description": "The colours. auto: one of the others, chosen by the prompt and the seed."
        },
        "seed": {
          "type": "integer", "minimum": 0, "maximum": 4294967295, "default": 0,
          "description": "Another number gives another picture of the same prompt."
        }
      }
    },
    "output_schema": {
      "$schema": "http://json-schema.org/draft-07/schema#",
      "type": "object",
      "required": ["resource_id", "name", "media_type", "width", "height", "size", "sha256"],
      "properties": {
        "resource_id": {"type": "string", "description": "The stored picture."},
        "name": {"type": "string"},
        "media_type": {"type": "string"},
        "width": {"type": "integer"},
        "height": {"type": "integer"},
        "size": {"type": "integer", "description": "Bytes of the file."},
        "sha256": {"type": "string", "description": "Of the file, 64 hex digits."}
      }
    },
    "risk": [],
    "examples": [
      {"prompt": "A lighthouse in the fog"},
      {"prompt": "海边的灯塔", "width": 1280, "height": 720, "palette": "ocean", "seed": 7}
    ]
  }]
})json";

}  // namespace runledger::plugins::image
