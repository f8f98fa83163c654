// The plugin as it describes itself.
#pragma once

#include <string_view>

namespace runledger::plugins::video {

inline constexpr std::string_view kManifest = R"json({
  "name": "video",
  "version": "1.0.0",
  "processes": true,
  "task_types": [{
    "name": "video",
    "description": "Makes an MP4 (H.264) of pictures and captions, or has a provider make one.",
    "input_schema": {
      "type": "object",
      "additionalProperties": false,
      "if": {"required": ["provider"], "properties": {"provider": {"const": "coze"}}},
      "then": {"required": ["workflow_id"],
               "not": {"anyOf": [{"required": ["images"]}, {"required": ["captions"]}]}},
      "else": {"anyOf": [{"required": ["images"]}, {"required": ["captions"]}],
               "not": {"anyOf": [{"required": ["workflow_id"]}, {"required": ["parameters"]}]}},
      "properties": {
        "provider": {"enum": ["local", "coze"], "description": "Who makes it; local if not given"},
        "workflow_id": {"type": "string", "minLength": 1, "maxLength": 128,
                        "description": "Of coze: the workflow that makes the video"},
        "parameters": {"type": "object", "description": "Of coze: what the workflow is given"},
        "images": {"type": "array", "minItems": 1, "maxItems": 20,
                   "items": {"type": "string", "minLength": 1, "maxLength": 64},
                   "description": "Resources, in this order: PNG, JPEG or WebP"},
        "captions": {"type": "array", "minItems": 1, "maxItems": 20,
                     "items": {"type": "string", "maxLength": 500},
                     "description": "One for each scene; without images they are the scenes"},
        "width": {"type": "integer", "minimum": 64, "maximum": 1920, "multipleOf": 2},
        "height": {"type": "integer", "minimum": 64, "maximum": 1920, "multipleOf": 2},
        "seconds": {"type": "number", "minimum": 0.5, "maximum": 120},
        "fps": {"type": "integer", "minimum": 1, "maximum": 60},
        "crossfade_ms": {"type": "integer", "minimum": 0, "maximum": 5000}
      }
    },
    "output_schema": {
      "type": "object",
      "required": ["resource_id", "name", "media_type", "size", "sha256"],
      "properties": {
        "resource_id": {"type": "string"}, "name": {"type": "string"},
        "media_type": {"type": "string"}, "width": {"type": "integer"},
        "height": {"type": "integer"}, "frames": {"type": "integer"},
        "seconds": {"type": "number"}, "size": {"type": "integer"}, "sha256": {"type": "string"},
        "execute_id": {"type": "string"}
      }
    },
    "risk": ["external_calls"],
    "examples": [{"captions": ["Remember", "everything"], "width": 320, "height": 180,
                  "seconds": 2}]
  }]
})json";

}  // namespace runledger::plugins::video
