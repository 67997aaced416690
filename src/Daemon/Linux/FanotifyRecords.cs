namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// Walks the whole events in the bytes read from a fanotify descriptor with FAN_REPORT_DFID_NAME, without copying.
/// </summary>
internal ref struct FanotifyRecords(ReadOnlySpan<byte> bytes)
{
    private const int MetadataLength = 24;
    private const byte Version = 3;
    private const byte FAN_EVENT_INFO_TYPE_DFID_NAME = 2;
    private const byte FAN_EVENT_INFO_TYPE_OLD_DFID_NAME = 10;
    private const byte FAN_EVENT_INFO_TYPE_NEW_DFID_NAME = 12;

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>What happened; several bits when the kernel merged events of one name, in no order.</summary>
    public ulong Mask { get; private set; }

    /// <summary>The name it happened to, or the old one of a rename; empty for an overflow.</summary>
    public FanotifyEntry Entry { get; private set; }

    /// <summary>The new name of a rename; else empty.</summary>
    public FanotifyEntry NewEntry { get; private set; }

    /// <summary>Goes to the next whole event; false when there is none, or what is there is none.</summary>
    public bool MoveNext()
    {
        // struct fanotify_event_metadata: u32 event_len, u8 vers, u8, u16 metadata_len, u64 mask, s32 fd, s32 pid.
        if (_rest.Length < MetadataLength || _rest[4] != Version)
            return false;
        var length = BitConverter.ToUInt32(_rest);
        var metadata = BitConverter.ToUInt16(_rest[6..]);
        if (length > (uint)_rest.Length || metadata < MetadataLength || metadata > length)
            return false;

        Mask = BitConverter.ToUInt64(_rest[8..]);
        Entry = NewEntry = default;
        var information = _rest[metadata..(int)length];
        _rest = _rest[(int)length..];
        // struct fanotify_event_info_header: u8 info_type, u8, u16 len.
        while (information.Length >= 4)
        {
            var end = BitConverter.ToUInt16(information[2..]);
            if (end < 4 || end > information.Length)
                break;
            var type = information[0];
            if (type is FAN_EVENT_INFO_TYPE_DFID_NAME or FAN_EVENT_INFO_TYPE_OLD_DFID_NAME)
                Entry = FanotifyEntry.Read(information[..end]);
            else if (type == FAN_EVENT_INFO_TYPE_NEW_DFID_NAME)
                NewEntry = FanotifyEntry.Read(information[..end]);
            information = information[end..];
        }

        return true;
    }
}
