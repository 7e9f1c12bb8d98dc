#include "components.hpp"

#include <cstdint>

#include "convert.hpp"

namespace wsb::napi {
namespace {

constexpr char kComponentName[] = "componentName";
constexpr char kLogicalPath[] = "logicalPath";

}  // namespace

ComponentWriter::ComponentWriter(Napi::Env env)
    : m_env(env),
      m_componentName(Napi::String::New(env, kComponentName)),
      m_logicalPath(Napi::String::New(env, kLogicalPath)) {}

Napi::Object ComponentWriter::Write(const Napi::Value& componentName,
                                    const Napi::Value& logicalPath) const {
    auto component = Napi::Object::New(m_env);
    component.Set(m_componentName, componentName);
    component.Set(m_logicalPath, logicalPath);
    return component;
}

std::vector<OwnedComponent> ReadComponents(const Napi::Value& value, const char* what) {
    const auto array = ToArray(value, what);
    const Napi::Env env = array.Env();
    const auto componentName = Napi::String::New(env, kComponentName);
    const auto logicalPath = Napi::String::New(env, kLogicalPath);
    const uint32_t count = array.Length();
    std::vector<OwnedComponent> components;
    components.reserve(count);
    for (uint32_t index = 0; index < count; ++index) {
        // Keeps 10,000 iterations from accumulating 10,000 handles.
        const Napi::HandleScope scope{env};
        const auto component = ToObject(array.Get(index), "a component");
        components.push_back({ToOptionalString(component.Get(componentName), kComponentName),
                              ToOptionalString(component.Get(logicalPath), kLogicalPath)});
    }
    return components;
}

}  // namespace wsb::napi
