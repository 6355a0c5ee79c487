// The driver "ackride" as SoapySDR's C++ class. It has no state of its own but what SoapySDR asks back;
// all else is on the other side of the C functions below (bridge.rs).

#include <SoapySDR/Constants.h>
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Errors.h>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Modules.hpp>
#include <SoapySDR/Registry.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <unistd.h>

extern "C" {
struct Sentence {
    char *text;
    size_t len;
};
bool ackride_is_there(const char *air);
void *ackride_open(const char *air, const char *name, double centreHz, Sentence error);
void ackride_close(void *device);
double ackride_sample_rate(const void *device);
size_t ackride_block(const void *device);
int64_t ackride_now_ns(const void *device);
uint64_t ackride_lost_samples(const void *device);
uint64_t ackride_late_bursts(const void *device);
bool ackride_tune(const void *device, double hz);
bool ackride_set_gain(const void *device, bool receiver, double db);
int ackride_receive(const void *device, bool on);
int ackride_read(const void *device, void *buffer, bool integers, size_t len, int64_t *timeNs, long timeoutUs);
int ackride_write(const void *device, const void *buffer, bool integers, size_t len, const int64_t *timeNs,
                  bool endOfBurst, long timeoutUs);
int ackride_status(const void *device, int64_t *timeNs, long timeoutUs);
}

namespace {

const char *const VERSION = "0.1.0";
const double DEFAULT_CENTRE_HZ = 5.18e9;
const SoapySDR::Range GAINS(-60.0, 60.0);
const SoapySDR::Range FREQUENCIES(1e6, 100e9);

// A stream: SoapySDR's own class has no definition.
struct AirStream {
    int direction;
    bool integers;
    bool active;
};

std::string valueOr(const SoapySDR::Kwargs &args, const std::string &key, const std::string &otherwise) {
    const auto found = args.find(key);
    return found == args.end() || found->second.empty() ? otherwise : found->second;
}

// Where the air is: as the arguments say, else as the environment does.
std::string addressOf(const SoapySDR::Kwargs &args) {
    const char *environment = std::getenv("ACKRIDE_AIR");
    return valueOr(args, "address", environment == nullptr ? "" : environment);
}

class AirDevice : public SoapySDR::Device {
  public:
    explicit AirDevice(const SoapySDR::Kwargs &args)
        : _address(addressOf(args)), _timed(valueOr(args, "timed", "true") != "false"), _centre(DEFAULT_CENTRE_HZ),
          _gains{0.0, 0.0} {
        if (_address.empty()) {
            throw std::runtime_error("which air? Add address=unix:PATH or address=tcp:HOST:PORT, or set ACKRIDE_AIR");
        }
        // Each of a process' devices is another radio.
        static std::atomic<unsigned> count(0);
        const std::string unique = "soapy-" + std::to_string(getpid()) + "-" + std::to_string(count++);
        _name = valueOr(args, "name", unique);
        char error[512] = "";
        _device = ackride_open(_address.c_str(), _name.c_str(), _centre, Sentence{error, sizeof(error)});
        if (_device == nullptr) {
            throw std::runtime_error(error);
        }
        _rate = ackride_sample_rate(_device);
        _bandwidth = _rate;
    }

    AirDevice(const AirDevice &) = delete;
    AirDevice &operator=(const AirDevice &) = delete;

    ~AirDevice() override { ackride_close(_device); }

    std::string getDriverKey() const override { return "ackride"; }
    std::string getHardwareKey() const override { return "simulated air"; }

    SoapySDR::Kwargs getHardwareInfo() const override {
        return {{"address", _address},
                {"name", _name},
                {"block_samples", std::to_string(ackride_block(_device))},
                {"version", VERSION}};
    }

    size_t getNumChannels(int) const override { return 1; }
    bool getFullDuplex(int, size_t) const override { return true; }

    // Streams

    std::vector<std::string> getStreamFormats(int, size_t) const override {
        return {SOAPY_SDR_CF32, SOAPY_SDR_CS16};
    }

    std::string getNativeStreamFormat(int, size_t, double &fullScale) const override {
        fullScale = 1.0;
        return SOAPY_SDR_CF32;
    }

    SoapySDR::Stream *setupStream(int direction, const std::string &format, const std::vector<size_t> &channels,
                                  const SoapySDR::Kwargs &) override {
        if (format != SOAPY_SDR_CF32 && format != SOAPY_SDR_CS16) {
            throw std::runtime_error("samples are to be had as CF32 and CS16, not as " + format);
        }
        if (channels.size() > 1 || (channels.size() == 1 && channels[0] != 0)) {
            throw std::runtime_error("there is but channel 0");
        }
        auto *stream = new AirStream{direction, format == SOAPY_SDR_CS16, false};
        return reinterpret_cast<SoapySDR::Stream *>(stream);
    }

    void closeStream(SoapySDR::Stream *stream) override {
        deactivateStream(stream, 0, 0);
        delete of(stream);
    }

    size_t getStreamMTU(SoapySDR::Stream *) const override { return ackride_block(_device); }

    int activateStream(SoapySDR::Stream *stream, int flags, long long, size_t) override {
        return flags == 0 ? setActive(of(stream), true) : SOAPY_SDR_NOT_SUPPORTED;
    }

    int deactivateStream(SoapySDR::Stream *stream, int flags, long long) override {
        return flags == 0 ? setActive(of(stream), false) : SOAPY_SDR_NOT_SUPPORTED;
    }

    int readStream(SoapySDR::Stream *stream, void *const *buffs, size_t numElems, int &flags, long long &timeNs,
                   long timeoutUs) override {
        flags = 0;
        if (!of(stream)->active) {
            return SOAPY_SDR_TIMEOUT;
        }
        int64_t at = 0;
        const int got = ackride_read(_device, buffs[0], of(stream)->integers, numElems, &at, timeoutUs);
        if (got >= 0 && _timed) {
            flags |= SOAPY_SDR_HAS_TIME;
            timeNs = at;
        }
        return got;
    }

    int writeStream(SoapySDR::Stream *stream, const void *const *buffs, size_t numElems, int &flags, long long timeNs,
                    long timeoutUs) override {
        if (!of(stream)->active) {
            return SOAPY_SDR_STREAM_ERROR;
        }
        const int64_t at = timeNs;
        const bool hasTime = (flags & SOAPY_SDR_HAS_TIME) != 0;
        if (hasTime && !_timed) {
            return SOAPY_SDR_NOT_SUPPORTED;
        }
        return ackride_write(_device, buffs[0], of(stream)->integers, numElems, hasTime ? &at : nullptr,
                             (flags & SOAPY_SDR_END_BURST) != 0, timeoutUs);
    }

    int readStreamStatus(SoapySDR::Stream *stream, size_t &channels, int &flags, long long &timeNs,
                         long timeoutUs) override {
        if (of(stream)->direction != SOAPY_SDR_TX) {
            return SOAPY_SDR_NOT_SUPPORTED;
        }
        channels = 1;
        flags = 0;
        int64_t at = 0;
        const int code = ackride_status(_device, &at, timeoutUs);
        if (code != SOAPY_SDR_TIMEOUT && _timed) {
            flags |= SOAPY_SDR_HAS_TIME;
            timeNs = at;
        }
        return code;
    }

    // Antennas, gains, frequency, rate, bandwidth

    std::vector<std::string> listAntennas(int direction, size_t) const override {
        return {direction == SOAPY_SDR_RX ? "RX" : "TX"};
    }
    std::string getAntenna(int direction, size_t channel) const override { return listAntennas(direction, channel)[0]; }
    void setAntenna(int direction, size_t channel, const std::string &name) override {
        if (!name.empty() && name != getAntenna(direction, channel)) {
            throw std::runtime_error("there is no antenna " + name);
        }
    }

    std::vector<std::string> listGains(int, size_t) const override { return {"AIR"}; }
    SoapySDR::Range getGainRange(int, size_t) const override { return GAINS; }
    SoapySDR::Range getGainRange(int, size_t, const std::string &) const override { return GAINS; }
    double getGain(int direction, size_t) const override { return _gains[direction]; }
    double getGain(int direction, size_t, const std::string &) const override { return _gains[direction]; }
    void setGain(int direction, size_t, const std::string &, double value) override { setGain(direction, 0, value); }
    void setGain(int direction, size_t, double value) override {
        value = std::min(std::max(value, GAINS.minimum()), GAINS.maximum());
        check(ackride_set_gain(_device, direction == SOAPY_SDR_RX, value));
        _gains[direction] = value;
    }

    std::vector<std::string> listFrequencies(int, size_t) const override { return {"RF"}; }
    SoapySDR::RangeList getFrequencyRange(int, size_t) const override { return {FREQUENCIES}; }
    SoapySDR::RangeList getFrequencyRange(int, size_t, const std::string &) const override { return {FREQUENCIES}; }
    double getFrequency(int, size_t) const override { return _centre; }
    double getFrequency(int, size_t, const std::string &) const override { return _centre; }
    void setFrequency(int direction, size_t, double hz, const SoapySDR::Kwargs &args) override {
        setFrequency(direction, 0, "RF", hz, args);
    }
    // Both chains have one oscillator.
    void setFrequency(int, size_t, const std::string &, double hz, const SoapySDR::Kwargs &) override {
        if (!(hz >= FREQUENCIES.minimum() && hz <= FREQUENCIES.maximum())) {
            throw std::runtime_error("frequencies go from 1 MHz to 100 GHz");
        }
        check(ackride_tune(_device, hz));
        _centre = hz;
    }

    std::vector<double> listSampleRates(int, size_t) const override { return {_rate}; }
    SoapySDR::RangeList getSampleRateRange(int, size_t) const override { return {SoapySDR::Range(_rate, _rate)}; }
    double getSampleRate(int, size_t) const override { return _rate; }
    void setSampleRate(int, size_t, double rate) override {
        if (std::abs(rate - _rate) > 1e-6 * _rate) {
            throw std::runtime_error("all radios of this air have " + std::to_string(_rate) + " samples a second");
        }
    }

    SoapySDR::RangeList getBandwidthRange(int, size_t) const override { return {SoapySDR::Range(1e3, _rate)}; }
    double getBandwidth(int, size_t) const override { return _bandwidth; }
    // There is no filter to set.
    void setBandwidth(int, size_t, double hz) override { _bandwidth = hz; }

    // Time and sensors

    bool hasHardwareTime(const std::string &what) const override { return _timed && what.empty(); }
    long long getHardwareTime(const std::string &) const override { return ackride_now_ns(_device); }

    std::vector<std::string> listSensors() const override { return {"lost_samples", "late_bursts"}; }
    SoapySDR::ArgInfo getSensorInfo(const std::string &key) const override {
        SoapySDR::ArgInfo info;
        info.key = key;
        info.type = SoapySDR::ArgInfo::INT;
        info.value = "0";
        info.name = key == "lost_samples" ? "Lost samples" : "Late bursts";
        info.description = key == "lost_samples" ? "Received samples that were not read in time"
                                                 : "Bursts that came too late, as told to readStreamStatus";
        return info;
    }
    std::string readSensor(const std::string &key) const override {
        if (key == "lost_samples") {
            return std::to_string(ackride_lost_samples(_device));
        }
        if (key == "late_bursts") {
            return std::to_string(ackride_late_bursts(_device));
        }
        throw std::runtime_error("there is no sensor " + key);
    }

  private:
    static AirStream *of(SoapySDR::Stream *stream) { return reinterpret_cast<AirStream *>(stream); }

    int setActive(AirStream *stream, bool active) {
        if (stream->active == active) {
            return 0;
        }
        const int outcome = stream->direction == SOAPY_SDR_RX ? ackride_receive(_device, active) : 0;
        stream->active = active;
        return outcome;
    }

    static void check(bool done) {
        if (!done) {
            throw std::runtime_error("the air has ended");
        }
    }

    const std::string _address;
    // Without times it is like a device that has none: what it is told to be, to test programs.
    const bool _timed;
    std::string _name;
    void *_device;
    double _rate;
    double _centre;
    double _bandwidth;
    double _gains[2];
};

SoapySDR::KwargsList findAir(const SoapySDR::Kwargs &args) {
    const std::string address = addressOf(args);
    if (address.empty() || !ackride_is_there(address.c_str())) {
        return {};
    }
    SoapySDR::Kwargs found = {{"driver", "ackride"}, {"address", address}, {"label", "simulated air at " + address}};
    for (const char *key : {"name", "timed"}) {
        const auto given = args.find(key);
        if (given != args.end()) {
            found[key] = given->second;
        }
    }
    return {found};
}

SoapySDR::Device *makeAir(const SoapySDR::Kwargs &args) { return new AirDevice(args); }

SoapySDR::Registry registration("ackride", &findAir, &makeAir, SOAPY_SDR_ABI_VERSION);
SoapySDR::ModuleVersion version(VERSION);

} // namespace
