-- Wireshark: what rides inside Acks and Block Acks. docs/hack.md, docs/ack-group.md sections 2 and 3.
--
--     tshark -X lua_script:docs/wireshark/ackride.lua -r FILE -Y ackride
--     or copy it into Wireshark's folder of personal plugins
--
-- Recognised are bytes between the last field of an Ack (14 bytes with FCS) or compressed Block Ack
-- (32 bytes) and the FCS, of the layout of an ACK group. Which flows of a chain are meant depends on
-- the frames before it, so a capture that begins within a chain shows no directory until the next
-- one starts. The records are not decoded: that takes the native ACKs.

local ackride = Proto("ackride", "TCP/HACK ACK group")

local field = {
    number = ProtoField.uint8("ackride.number", "Number of the first section"),
    starts_chain = ProtoField.bool("ackride.starts_chain", "Starts a chain"),
    section = ProtoField.bytes("ackride.section", "Section"),
    section_number = ProtoField.uint8("ackride.section.number", "Number"),
    repeated = ProtoField.bool("ackride.section.repeated", "Repeated"),
    rank = ProtoField.uint8("ackride.flow.rank", "Rank"),
    cid = ProtoField.uint8("ackride.flow.cid", "CID of a new flow", base.HEX),
    reference = ProtoField.uint16("ackride.flow.reference", "CRC of its reference", base.HEX),
    count = ProtoField.uint8("ackride.flow.acks", "ACKs"),
    new_acks = ProtoField.uint16("ackride.new_acks", "ACKs that did not ride before"),
    crc = ProtoField.uint16("ackride.crc", "CRC over the chain", base.HEX),
}
for _, one in pairs(field) do table.insert(ackride.fields, one) end

local gap = ProtoExpert.new("ackride.gap", "Sections are missing before this one",
    expert.group.SEQUENCE, expert.severity.WARN)
local malformed = ProtoExpert.new("ackride.malformed", "No ACK group",
    expert.group.MALFORMED, expert.severity.ERROR)
ackride.experts = { gap, malformed }

local kind_field = Field.new("wlan.fc.type_subtype")
local receiver_field = Field.new("wlan.ra")
local transmitter_field = Field.new("wlan.ta")
local fcs_field = Field.new("wlan.fcs")

local BLOCK_ACK, ACK = 0x19, 0x1d
-- Bytes before what rides.
local HEADER = { [BLOCK_ACK] = 28, [ACK] = 10 }
local MAX_FLOWS = 64

-- Chains by the two stations, and what was found in each frame of the capture.
local chains, found, last_to

function ackride.init()
    chains, found, last_to = {}, {}, {}
end

-- Bits of a section from the first on; behind its end are zeros.
local function bits_of(section)
    local at = 0
    return function(count)
        local value = 0
        for _ = 1, count do
            local byte = section:byte(math.floor(at / 8) + 1) or 0
            value = 2 * value + math.floor(byte / 2 ^ (7 - at % 8)) % 2
            at = at + 1
        end
        return value
    end
end

-- EGk; no count is as long as that of a number of 16 bits.
local function exp_golomb(bits, k)
    while bits(1) == 1 do
        k = k + 1
        if k > 16 then return nil end
    end
    return 2 ^ k + bits(k)
end

local function group_of(bits, flows, rank)
    local group = {}
    while rank < flows and bits(1) == 0 do rank = rank + 1 end
    if rank < flows then
        group.rank = rank
    else
        group.cid, group.reference = bits(8), bits(16)
    end
    local count = exp_golomb(bits, 1)
    group.count = count and count - 1
    return group, rank + 1
end

-- The flows of a section, or nothing if no compressor writes it. In a chain with so many flows.
local function directory_of(section, flows)
    local bits = bits_of(section)
    if bits(1) == 0 then return { { rank = 0, count = 1 } } end
    if bits(1) == 0 then
        local count = exp_golomb(bits, 3)
        return count and { { rank = 0, count = count - 6 } }
    end
    local groups, rank = {}, 0
    repeat
        local group
        group, rank = group_of(bits, flows, rank)
        if not group.count or #groups == MAX_FLOWS then return nil end
        table.insert(groups, group)
    until bits(1) == 0
    return groups
end

-- The frame, taken apart, or nothing.
local function parse(riders)
    if #riders < 3 then return nil end
    local head = riders:byte(1)
    local frame = {
        first = math.floor(head / 8),
        starts_chain = head % 2 == 1,
        sections = {},
    }
    local count = math.floor(head / 2) % 4 + 1
    local at, left = count, #riders - count - 2
    for section = 1, count do
        local len = section < count and riders:byte(section + 1) or left
        if not len or len > left or len > 255 then return nil end
        table.insert(frame.sections, { offset = at, bytes = riders:sub(at + 1, at + len) })
        at, left = at + len, left - len
    end
    return frame
end

-- Tells repeated sections from new ones, and what is in these.
local function follow(key, frame)
    local chain = chains[key]
    local behind = chain and (chain.next - frame.first) % 32
    local repeats_start = chain and behind > 0 and behind == chain.sections
        and chain.known[frame.first] == frame.sections[1].bytes
    if frame.starts_chain and not repeats_start then
        chain = { flows = 0, next = frame.first, sections = 0, known = {} }
        chains[key], behind = chain, 0
    end
    frame.gap = chain ~= nil and behind > chain.sections
    frame.new_acks = 0
    if frame.gap then chains[key] = nil end
    for index, section in ipairs(frame.sections) do
        section.number = (frame.first + index - 1) % 32
        section.repeated = chain ~= nil and not frame.gap and index <= behind
        if chain and not frame.gap and not section.repeated then
            section.groups = directory_of(section.bytes, chain.flows)
            for _, group in ipairs(section.groups or {}) do
                frame.new_acks = frame.new_acks + group.count
                if group.cid then chain.flows = math.min(chain.flows + 1, MAX_FLOWS) end
            end
            chain.known[section.number] = section.bytes
            chain.next = (section.number + 1) % 32
            chain.sections = math.min(chain.sections + 1, 4)
        end
    end
end

local function show_section(tree, tvb, section)
    local range = tvb(section.offset, #section.bytes)
    local branch = tree:add(field.section, range)
    -- One of no bytes is a single ACK as predicted, and not missing.
    branch:set_text(string.format("Section %d: %d bytes%s", section.number, #section.bytes,
        section.repeated and ", rode before" or ""))
    branch:add(field.section_number, section.number):set_generated()
    branch:add(field.repeated, section.repeated):set_generated()
    for _, group in ipairs(section.groups or {}) do
        local name = group.rank and "Flow at rank " .. group.rank or "New flow"
        local flow = branch:add(range, string.format("%s: %d ACKs", name, group.count))
        if group.rank then
            flow:add(field.rank, group.rank):set_generated()
        else
            flow:add(field.cid, group.cid):set_generated()
            flow:add(field.reference, group.reference):set_generated()
        end
        flow:add(field.count, group.count):set_generated()
    end
end

local function show(tree, tvb, frame)
    local branch = tree:add(ackride, tvb())
    if not frame.sections then
        branch:add_proto_expert_info(malformed)
        return
    end
    branch:add(field.number, tvb(0, 1), frame.first)
    branch:add(field.starts_chain, tvb(0, 1), frame.starts_chain)
    for _, section in ipairs(frame.sections) do show_section(branch, tvb, section) end
    branch:add(field.crc, tvb(tvb:len() - 2, 2))
    branch:add(field.new_acks, frame.new_acks):set_generated()
    if frame.gap then branch:add_proto_expert_info(gap) end
end

-- The stations of a response. An Ack does not tell who sends it: the one that was sent something.
local function stations(receiver, transmitter)
    return tostring(transmitter or last_to[tostring(receiver)]) .. " " .. tostring(receiver)
end

function ackride.dissector(tvb, pinfo, tree)
    local kind, receiver = kind_field(), receiver_field()
    if not kind or not receiver then return end
    local transmitter = transmitter_field()
    if transmitter and not pinfo.visited then
        last_to[tostring(transmitter.value)] = receiver.value
    end
    local header = HEADER[kind.value]
    if not header then return end
    -- The frame control field comes first: behind radiotap, or whatever else is in front.
    local start = kind.offset + header
    local fcs = fcs_field() and 4 or 0
    local len = tvb:len() - start - fcs
    if len <= 0 then return end
    local riders = tvb(start, len):tvb()
    if not pinfo.visited or not found[pinfo.number] then
        local frame = parse(riders:raw()) or {}
        if frame.sections then
            follow(stations(receiver.value, transmitter and transmitter.value), frame)
        end
        found[pinfo.number] = frame
    end
    show(tree, riders, found[pinfo.number])
end

register_postdissector(ackride)
