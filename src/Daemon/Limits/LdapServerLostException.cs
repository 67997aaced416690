namespace MaildirQuotaWatcher.Limits;

/// <summary>The connection to a directory server is of no more use; a new one may be.</summary>
/// <param name="forPeople">What to say when a new one is not either.</param>
internal sealed class LdapServerLostException(LimitSourceException forPeople) : Exception(forPeople.Message, forPeople)
{
    public LimitSourceException ForPeople { get; } = forPeople;
}
